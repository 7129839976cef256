// What the map's bench measures with, in every page. A frame is shown when the task after its requestAnimationFrame runs.
window.shown = () => new Promise((done) => requestAnimationFrame(() => {
  const channel = new MessageChannel();
  channel.port1.onmessage = () => { channel.port1.close(); done(); };
  channel.port2.postMessage(0);
}));
window.until = async (test) => { while (!test()) await new Promise((later) => setTimeout(later, 4)); };
window.random = (n, seed) => Uint8Array.from({ length: n }, (_, i) => ((i * 2654435761 + seed * 40503) >>> 13) % 5);
window.text = (bytes) => {
  let found = "";
  for (let i = 0; i < bytes.length; i += 8192) found += String.fromCharCode(...bytes.subarray(i, i + 8192));
  return btoa(found);
};
window.timed = async (n, work) => {
  const took = [];
  for (let i = 0; i < n; i++) {
    const began = performance.now();
    await work(i);
    took.push(performance.now() - began);
  }
  return took;
};

// Ours.
window.state = () => jingwei.maps.map && jingwei.maps.map.map.getContainer().dataset.picture;
window.tick = (seed) => dash_clientside.set_props("values", { data: { ...window.base, values: text(random(window.base.n, seed)) } });
window.first = async (base) => {
  window.base = base;
  return (await timed(1, async () => { tick(0); await until(() => state() === "there"); await shown(); }))[0];
};
window.restyle = async (n) => {
  const cells = jingwei.maps.map.cells;
  const colour = cells.colour;
  const values = Array.from({ length: n }, (_, i) => text(random(base.n, i + 1)));
  const took = await timed(n, async (i) => {
    const painted = new Promise((done) => { cells.colour = () => { colour.call(cells); done(); }; });
    dash_clientside.set_props("values", { data: { ...base, values: values[i] } });
    await painted;
    await shown();
  });
  delete cells.colour;
  return took;
};
window.redraw = (n) => timed(n, async (i) => {
  const { map } = jingwei.maps.map;
  if (i % 2) map.setZoom(map.getZoom() + (i % 4 === 1 ? 1 : -1), { animate: false });
  else map.panBy([map.getSize().x * (i % 4 ? -0.4 : 0.4), 0], { animate: false });
  await until(() => state() === "there");
  await shown();
});
window.watch = () => {
  window.frames_ = [];
  window.long_ = [];
  window.watching = true;
  let last = performance.now();
  const step = (now) => { frames_.push(now - last); last = now; if (watching) requestAnimationFrame(step); };
  requestAnimationFrame(step);
  new PerformanceObserver((list) => long_.push(...list.getEntries().map((e) => e.duration))).observe({ entryTypes: ["longtask"] });
};
window.hovered = () => {
  window.hovers = [];
  let began = 0;
  const pane = jingwei.maps.map.map.getPane("chosen");
  document.addEventListener("mousemove", () => { began = performance.now(); }, true);
  new MutationObserver(async () => {
    if (!began || !pane.querySelector("path")) return;
    const from = began;
    began = 0;
    await shown();
    hovers.push(performance.now() - from);
  }).observe(pane, { childList: true, subtree: true });
};

// dash-leaflet's GeoJSON layer: its canvas is painted in the frame after the style.
window.middle = () => {
  const canvas = document.querySelector("#map canvas");
  return canvas.getContext("2d").getImageData(canvas.width / 2, canvas.height / 2, 1, 1).data.join();
};
window.plainFirst = async () => { await until(() => middle() !== "0,0,0,0"); await shown(); return performance.now(); };
window.plainRestyle = (n) => timed(n, async (i) => {
  const before = middle();
  dash_clientside.set_props("tick", { data: i + 1 });
  await until(() => middle() !== before);
  await shown();
});

// MapLibre: feature-state set on every polygon; a new view until the map is idle.
window.glFirst = () => new Promise((done) => {
  const look = () => (gl.loaded() && gl.areTilesLoaded() ? done(performance.now()) : gl.once("idle", look));
  look();
});
window.glRestyle = (n, polygons) => timed(n, async (t) => {
  const values = random(polygons, t + 1);
  for (let i = 0; i < values.length; i++) gl.setFeatureState({ source: "c", id: i }, { v: values[i] });
  await new Promise((done) => gl.once("render", done));
  await shown();
});
window.glRedraw = (n) => timed(n, async (t) => {
  const idle = new Promise((done) => gl.once("idle", done));
  if (t % 2) gl.zoomTo(gl.getZoom() + (t % 4 === 1 ? 1 : -1), { animate: false });
  else gl.panBy([innerWidth * (t % 4 ? -0.4 : 0.4), 0], { animate: false });
  await idle;
});
