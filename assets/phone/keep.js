// What lies on the phone, in IndexedDB: the last list (`kept`; gone at sign-out), and what waits to be sent (`outbox`; stays until it is
// sent or thrown away by hand). No free text of a case is kept, only what the person wrote and has not sent.
(function () {
  const jingwei = (globalThis.jingwei = globalThis.jingwei || {});
  const NAME = "jingwei-phone";
  let opened = null;

  function open() {
    if (!opened) {
      opened = new Promise(function (resolve, reject) {
        const asked = indexedDB.open(NAME, 1);
        asked.onupgradeneeded = function () {
          asked.result.createObjectStore("kept", { keyPath: "name" });
          asked.result.createObjectStore("outbox", { keyPath: "key" });
        };
        asked.onsuccess = function () { asked.result.onversionchange = function () { asked.result.close(); opened = null; }; resolve(asked.result); };
        asked.onerror = function () { reject(asked.error); };
      });
      opened.catch(function () { opened = null; });
    }
    return opened;
  }

  // Resolves once it lies on the disk, not before.
  async function work(store, mode, act) {
    const database = await open();
    return new Promise(function (resolve, reject) {
      const change = database.transaction(store, mode, { durability: "strict" }), asked = act(change.objectStore(store));
      change.oncomplete = function () { resolve(asked && asked.result); };
      change.onerror = change.onabort = function () { reject(change.error); };
    });
  }

  jingwei.keep = {
    entries: function () { return work("outbox", "readonly", function (box) { return box.getAll(); }); },
    put: function (...entries) { return work("outbox", "readwrite", function (box) { for (const one of entries) box.put(one); }); },
    // Only what is still there, so that nothing thrown away meanwhile comes back; whether it was.
    update: async function (entry) {
      let there = false;
      await work("outbox", "readwrite", function (box) {
        box.get(entry.key).onsuccess = function (event) { there = Boolean(event.target.result); if (there) box.put(entry); };
      });
      return there;
    },
    remove: function (...keys) { return work("outbox", "readwrite", function (box) { for (const key of keys) box.delete(key); }); },
    get: function (name) { return work("kept", "readonly", function (box) { return box.get(name); }); },
    set: function (name, value) { return work("kept", "readwrite", function (box) { box.put(Object.assign({}, value, { name: name })); }); },
    forget: function () { return work("kept", "readwrite", function (box) { box.clear(); }); },
  };
})();
