// The service worker: keeps the page and the program's own files on the phone, so that it starts without a connection. PROGRAM, written
// in front of this, names them. It answers for nothing else: what belongs to a post comes from the server or from the page's own keeping.
const CACHE = "jingwei-phone-" + PROGRAM.build;
const PATIENCE = 4000; // milliseconds a slow connection is waited for before the kept page is shown

self.addEventListener("install", function (event) {
  event.waitUntil((async function () {
    const cache = await caches.open(CACHE);
    await cache.addAll(PROGRAM.files);
    await keep(await fetch(PROGRAM.page).catch(function () { return null; }));
    await self.skipWaiting();
  })());
});

self.addEventListener("activate", function (event) {
  event.waitUntil((async function () {
    for (const name of await caches.keys()) if (name.startsWith("jingwei-phone-") && name !== CACHE) await caches.delete(name);
    await self.clients.claim();
  })());
});

// The page of this very program; that of a newer one waits for its own worker, which brings the files along.
async function keep(answer) {
  if (!answer || !answer.ok || answer.redirected) return;
  const text = await answer.clone().text();
  if (text.includes('data-build="' + PROGRAM.build + '"')) await (await caches.open(CACHE)).put(PROGRAM.page, answer);
}

async function page(event) {
  const kept = await caches.match(PROGRAM.page, { cacheName: CACHE });
  const asked = fetch(event.request).then(function (answer) {
    event.waitUntil(keep(answer.clone()));
    return answer.status >= 500 && kept ? kept : answer;
  });
  if (!kept) return asked;
  const patience = new Promise(function (resolve) { setTimeout(resolve, PATIENCE, kept); });
  return Promise.race([asked.catch(function () { return kept; }), patience]);
}

self.addEventListener("fetch", function (event) {
  const address = new URL(event.request.url);
  if (event.request.method !== "GET" || address.origin !== self.location.origin) return;
  if (event.request.mode === "navigate" && address.pathname === PROGRAM.page) event.respondWith(page(event));
  else if (PROGRAM.files.includes(address.pathname + address.search)) {
    event.respondWith(caches.match(event.request, { cacheName: CACHE }).then(function (kept) { return kept || fetch(event.request); }));
  }
});
