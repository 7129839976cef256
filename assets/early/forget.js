// On the sign-in page: whoever was signed in on this phone is not any more, so the list of their cases goes. What they have not sent
// yet stays until they sign in again.
(function () {
  if (!window.indexedDB) return;
  const asked = indexedDB.open("jingwei-phone");
  asked.onupgradeneeded = function () { asked.transaction.abort(); }; // there was none
  asked.onerror = function (event) { event.preventDefault(); };
  asked.onsuccess = function () {
    const database = asked.result;
    if (database.objectStoreNames.contains("kept")) database.transaction("kept", "readwrite").objectStore("kept").clear();
    database.close();
  };
})();
