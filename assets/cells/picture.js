// The quick half of the layer: the id buffer's colours. One look-up a pixel, whatever the number of polygons.
(function () {
  const jingwei = (globalThis.jingwei = globalThis.jingwei || {});
  const NO_DATA = 255, TOO_FEW = 254, OUTSIDE = 253; // layers/codec.py says the same
  const HATCHED = 1, HATCHED_BACK = 2; // look-up entries that are no colour: an opaque pixel, read with a sign, is below zero
  const PERIOD = 8, STROKE = 2.2; // of the hatching, pixels of the screen along a row

  // "#RRGGBB" → a pixel of ImageData as one number.
  function packed(colour) {
    const value = parseInt(colour.slice(1), 16);
    return (255 << 24) | ((value & 255) << 16) | (value & 0xff00) | (value >> 16);
  }

  function mixed(ground, line, share) {
    const text = "#" + [1, 3, 5].map(function (at) {
      const low = parseInt(ground.slice(at, at + 2), 16), high = parseInt(line.slice(at, at + 2), 16);
      return Math.round(low + (high - low) * share).toString(16).padStart(2, "0");
    }).join("");
    return packed(text);
  }

  // polygon + 1 → its pixel. 0 is where there is no polygon: nothing.
  jingwei.lookUp = function (n, values, colours) {
    const classes = colours.map(packed);
    const table = new Int32Array(n + 1);
    for (let i = 0; i < n; i++) {
      const value = i < values.length ? values[i] : NO_DATA;
      table[i + 1] = value === TOO_FEW ? HATCHED_BACK : value === OUTSIDE ? 0 : value < classes.length ? classes[value] : HATCHED;
    }
    return table;
  };

  // One row of hatching, long enough to begin at any phase.
  function strip(width, ratio, hatch, period) {
    const found = new Int32Array(width + period);
    for (let i = 0; i < found.length; i++) {
      const at = i % period;
      const covered = Math.max(0, Math.min(at + 1, STROKE * ratio) - at); // the line's share of this pixel
      found[i] = mixed(hatch.ground, hatch.line, covered);
    }
    return found;
  }

  // ids → pixels, both Int32Array of width × height (numbers with a sign are the fast ones). x and y: the corner in pixels of the
  // world, which the hatching is bound to.
  // Two plain loops take half the time of one that knows both.
  jingwei.colourPixels = function (ids, pixels, view, table, hatch) {
    for (let i = 0; i < ids.length; i++) pixels[i] = table[ids[i]];
    if (table.includes(HATCHED) || table.includes(HATCHED_BACK)) hatchPixels(pixels, view, hatch);
  };

  function hatchPixels(pixels, view, hatch) {
    const period = Math.round(PERIOD * view.ratio);
    const row = strip(view.width, view.ratio, hatch, period);
    for (let y = 0; y < view.height; y++) {
      const first = y * view.width;
      const rising = (((view.x + view.y + y) % period) + period) % period - first; // the line where x + y is constant
      const falling = (((view.x - view.y - y) % period) + period) % period - first;
      for (let at = first; at < first + view.width; at++) {
        if (pixels[at] > 0) pixels[at] = row[at + (pixels[at] === HATCHED ? rising : falling)];
      }
    }
  }
})();
