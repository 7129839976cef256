// Lengths and areas on the WGS 84 ellipsoid, and outlines as the address writes them (data/areas.py). Points are [lng, lat] in degrees.
// Lengths: T. Vincenty, "Direct and inverse solutions of geodesics on the ellipsoid", Survey Review 23 (1975). Areas: on the sphere
// of the same surface (authalic latitude; J. P. Snyder, "Map Projections: A Working Manual", 1987, p. 16), edge by edge.
(function () {
  const jingwei = (globalThis.jingwei = globalThis.jingwei || {});
  const A = 6378137, F = 1 / 298.257223563, B = A * (1 - F), E2 = F * (2 - F), E = Math.sqrt(E2);
  const ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
  const rad = function (degrees) { return degrees * Math.PI / 180; };

  // Metres along the geodesic. Points near each other's antipodes, where the method does not converge, are no lengths here: NaN.
  function metres(from, to) {
    const l = rad(to[0] - from[0]);
    const u = Math.atan((1 - F) * Math.tan(rad(from[1]))), v = Math.atan((1 - F) * Math.tan(rad(to[1])));
    const su = Math.sin(u), cu = Math.cos(u), sv = Math.sin(v), cv = Math.cos(v);
    let lambda = l;
    for (let i = 0; i < 100; i++) {
      const sl = Math.sin(lambda), cl = Math.cos(lambda);
      const sinSigma = Math.hypot(cv * sl, cu * sv - su * cv * cl);
      if (sinSigma === 0) return 0;
      const cosSigma = su * sv + cu * cv * cl, sigma = Math.atan2(sinSigma, cosSigma);
      const sinAlpha = cu * cv * sl / sinSigma, cos2Alpha = 1 - sinAlpha * sinAlpha;
      const middle = cos2Alpha ? cosSigma - 2 * su * sv / cos2Alpha : 0;
      const c = F / 16 * cos2Alpha * (4 + F * (4 - 3 * cos2Alpha));
      const before = lambda;
      lambda = l + (1 - c) * F * sinAlpha * (sigma + c * sinSigma * (middle + c * cosSigma * (2 * middle * middle - 1)));
      if (Math.abs(lambda - before) > 1e-12) continue;
      const k = cos2Alpha * (A * A - B * B) / (B * B);
      const a = 1 + k / 16384 * (4096 + k * (-768 + k * (320 - 175 * k))), b = k / 1024 * (256 + k * (-128 + k * (74 - 47 * k)));
      const change = b * sinSigma * (middle + b / 4 * (cosSigma * (2 * middle * middle - 1)
        - b / 6 * middle * (4 * sinSigma * sinSigma - 3) * (4 * middle * middle - 3)));
      return B * a * (sigma - change);
    }
    return NaN;
  }

  function length(points) {
    return points.slice(1).reduce(function (sum, point, i) { return sum + metres(points[i], point); }, 0);
  }

  function q(sine) { return (1 - E2) * (sine / (1 - E2 * sine * sine) + Math.atanh(E * sine) / E); }

  // Square metres inside a ring; of one that crosses itself the difference of its parts.
  function area(ring) {
    const polar = q(1), radius2 = A * A * polar / 2;
    const sines = ring.map(function (point) { return q(Math.sin(rad(point[1]))) / polar; });
    const twice = ring.reduce(function (sum, point, i) {
      const next = (i + 1) % ring.length;
      return sum + rad(ring[next][0] - point[0]) * (sines[i] + sines[next]);
    }, 0);
    return Math.abs(twice) * radius2 / 2;
  }

  function letters(number) {
    let rest = number < 0 ? ~(number << 1) : number << 1, text = "";
    for (; rest >= 32; rest >>>= 5) text += ALPHABET[32 | rest & 31];
    return text + ALPHABET[rest];
  }

  function encode(points) {
    let lng = 0, lat = 0;
    return points.map(function (point) {
      const x = Math.round(point[0] * 1e5), y = Math.round(point[1] * 1e5);
      const text = letters(y - lat) + letters(x - lng);
      lng = x; lat = y;
      return text;
    }).join("");
  }

  // The points of an outline; null where the text is none. What the server makes of it is the server's to say.
  function decode(text) {
    const points = [], sums = [0, 0];
    let number = 0, bits = 0, which = 0;
    for (const letter of text) {
      const piece = ALPHABET.indexOf(letter);
      if (piece < 0 || bits > 30) return null;
      number |= (piece & 31) << bits;
      bits += 5;
      if (piece >= 32) continue;
      sums[which] += number & 1 ? ~(number >>> 1) : number >>> 1;
      which = 1 - which;
      if (!which) points.push([sums[1] / 1e5, sums[0] / 1e5]);
      number = bits = 0;
    }
    const sound = points.every(function (point) { return Math.abs(point[0]) <= 180 && Math.abs(point[1]) <= 90; });
    return bits || which || points.length < 3 || !sound ? null : points;
  }

  jingwei.geodesy = { metres: metres, length: length, area: area, encode: encode, decode: decode };
})();
