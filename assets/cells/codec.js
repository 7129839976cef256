// Polygons on the wire → typed arrays; the format is told in layers/codec.py. Runs in the page, in the worker and in Node.
(function () {
  const jingwei = (globalThis.jingwei = globalThis.jingwei || {});

  // One stream of varints: `next` is a number of up to 32 bits without a sign.
  class Stream {
    constructor(bytes) { this.bytes = bytes; this.at = 0; }

    next() {
      const bytes = this.bytes;
      let byte = bytes[this.at++];
      let value = byte & 127;
      for (let shift = 7; byte > 127; shift += 7) {
        byte = bytes[this.at++];
        value |= (byte & 127) << shift;
      }
      return value >>> 0;
    }

    signed() {
      const value = this.next();
      return (value >>> 1) ^ -(value & 1);
    }

    starts(n) {
      const found = new Uint32Array(n + 1);
      for (let i = 0; i < n; i++) found[i + 1] = found[i] + this.next();
      return found;
    }

    sums(n) {
      const found = new Int32Array(n);
      for (let i = 0, value = 0; i < n; i++) found[i] = value = (value + this.signed()) | 0;
      return found;
    }
  }

  jingwei.Stream = Stream;

  // buffer: the bytes without gzip (the browser has taken that off).
  jingwei.decodeCells = function (buffer) {
    const head = new DataView(buffer);
    if (buffer.byteLength < 28 || head.getUint32(0) !== 0x4a574731) throw new Error("these bytes are no polygons");
    const [bits, polygons, rings, arcs, points, refs] = [4, 8, 12, 16, 20, 24].map(function (at) { return head.getUint32(at, true); });
    let at = 28;
    function stream() {
      const size = head.getUint32(at, true);
      const found = new Stream(new Uint8Array(buffer, at + 4, size));
      at += 4 + size;
      return found;
    }
    const cells = { bits: bits, n: polygons };
    cells.ringStart = stream().starts(polygons);
    cells.refStart = stream().starts(rings);
    cells.refs = stream().sums(refs);
    cells.arcStart = stream().starts(arcs);
    cells.x = stream().sums(points);
    cells.y = stream().sums(points);
    return cells;
  };

  // One byte a polygon, as base64 (layers/codec.py: values).
  jingwei.decodeValues = function (text) {
    const raw = atob(text);
    const found = new Uint8Array(raw.length);
    for (let i = 0; i < raw.length; i++) found[i] = raw.charCodeAt(i);
    return found;
  };
})();
