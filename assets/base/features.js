// The base map on the wire → typed arrays; the format is told in layers/features.py.
(function () {
  const jingwei = (globalThis.jingwei = globalThis.jingwei || {});

  jingwei.decodeFeatures = function (buffer) {
    const sizes = new DataView(buffer);
    let at = 0;
    function next() {
      const size = sizes.getUint32(at, true);
      const bytes = new Uint8Array(buffer, at + 4, size);
      at += 4 + size;
      return bytes;
    }
    const head = JSON.parse(new TextDecoder().decode(next()));
    const stream = function () { return new jingwei.Stream(next()); };
    const plain = function (n) { const from = stream(); return Uint32Array.from({ length: n }, function () { return from.next(); }); };
    const found = { bits: head.bits, n: head.n, kinds: head.kinds, names: [""].concat(head.names) };
    found.kind = plain(head.n);
    found.rank = plain(head.n);
    found.name = plain(head.n);
    found.partStart = stream().starts(head.n);
    const parts = found.partStart[head.n];
    found.pointStart = stream().starts(parts);
    const points = found.pointStart[parts];
    found.x = stream().sums(points);
    found.y = stream().sums(points);
    found.anchorX = stream().sums(head.n);
    found.anchorY = stream().sums(head.n);
    found.box = boxes(found);
    return found;
  };

  function boxes(found) {
    const box = new Int32Array(found.n * 4);
    for (let f = 0; f < found.n; f++) {
      let west = 0x7fffffff, north = 0x7fffffff, east = -0x80000000, south = -0x80000000;
      for (let i = found.pointStart[found.partStart[f]]; i < found.pointStart[found.partStart[f + 1]]; i++) {
        west = Math.min(west, found.x[i]); east = Math.max(east, found.x[i]);
        north = Math.min(north, found.y[i]); south = Math.max(south, found.y[i]);
      }
      box.set([west, north, east, south], f * 4);
    }
    return box;
  }
})();
