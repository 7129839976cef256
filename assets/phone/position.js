// Where the phone is. Asked for only when a person reports something or sorts by distance; distances are worked out here, so the
// position leaves the phone only as the place of a report.
(function () {
  const jingwei = (globalThis.jingwei = globalThis.jingwei || {});
  const EARTH = 6371008.8;

  const position = (jingwei.position = {
    last: null, // { lat, lon, accuracy }

    // Rejected where the phone cannot or may not say. age: milliseconds it may be old; a report's is found anew.
    find: function (age) {
      return new Promise(function (resolve, reject) {
        if (!navigator.geolocation) { reject(new Error("none")); return; }
        navigator.geolocation.getCurrentPosition(function (found) {
          position.last = { lat: found.coords.latitude, lon: found.coords.longitude, accuracy: Math.round(found.coords.accuracy) };
          resolve(position.last);
        }, reject, { enableHighAccuracy: true, timeout: 15000, maximumAge: age || 0 });
      });
    },

    // Whether it was allowed before, so that looking asks nobody anything.
    allowed: async function () {
      try { return (await navigator.permissions.query({ name: "geolocation" })).state === "granted"; } catch (error) { return false; }
    },

    // Metres between two points [lat, lon].
    metres: function (a, b) {
      const rad = Math.PI / 180, y = (b[0] - a[0]) * rad, x = (b[1] - a[1]) * rad;
      const h = Math.sin(y / 2) ** 2 + Math.cos(a[0] * rad) * Math.cos(b[0] * rad) * Math.sin(x / 2) ** 2;
      return 2 * EARTH * Math.asin(Math.sqrt(h));
    },

    // From the phone to a point; null where either is unknown.
    to: function (at) { return at && position.last ? position.metres([position.last.lat, position.last.lon], at) : null; },
  });
})();
