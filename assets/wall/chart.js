// A figure over days as SVG of the size its panel has: bars of a count, a line of anything else. The last day is not over: its bar is
// hollow, its point open, and its value stands beside it.
(function () {
  const wall = window.jingwei.wall;
  const SVG = "http://www.w3.org/2000/svg";

  function shape(tag, said, text) {
    const made = document.createElementNS(SVG, tag);
    for (const [name, value] of Object.entries(said)) made.setAttribute(name, value);
    if (text !== undefined) made.textContent = text;
    return made;
  }

  // Round steps from low to high, three or four of them.
  function steps(low, high) {
    const rough = (high - low || Math.abs(high) || 1) / 3, power = Math.pow(10, Math.floor(Math.log10(rough)));
    const step = [1, 2, 2.5, 5, 10].map(function (k) { return k * power; }).find(function (k) { return k >= rough; });
    const found = [];
    for (let at = Math.floor(low / step) * step; at < high + step * 0.999; at += step) found.push(+at.toFixed(6));
    return found;
  }

  function draw(box, said) {
    const rem = parseFloat(getComputedStyle(document.documentElement).fontSize);
    const width = box.clientWidth, height = box.clientHeight;
    const known = said.points.filter(function (point) { return point[1] !== null; });
    if (!width || !height) return;
    if (!known.length) { box.replaceChildren(Object.assign(document.createElement("div"), { className: "wall-empty", textContent: said.none })); return; }
    const values = known.map(function (point) { return point[1]; });
    const ticks = steps(said.bars ? 0 : Math.min(...values), Math.max(...values));
    const low = ticks[0], high = ticks[ticks.length - 1] || 1;
    const suffix = said.unit === "%" ? "%" : "";
    const left = rem * (0.9 + 0.6 * Math.max(...ticks.map(function (t) { return (t.toLocaleString("en-US") + suffix).length; })));
    const top = 1.7 * rem, bottom = 1.7 * rem, right = 0.9 * rem;
    const n = said.points.length, wide = (width - left - right) / n;
    const x = function (i) { return left + (i + 0.5) * wide; };
    const y = function (value) { return height - bottom - (value - low) / (high - low) * (height - bottom - top); };
    const svg = shape("svg", { viewBox: "0 0 " + width + " " + height, width: width, height: height, "aria-hidden": "true" });
    for (const tick of ticks) {
      svg.append(shape("line", { class: "chart-grid", x1: left, x2: width - right, y1: y(tick), y2: y(tick) }),
        shape("text", { class: "chart-tick", x: left - 0.4 * rem, y: y(tick), "text-anchor": "end", "dominant-baseline": "middle" }, tick.toLocaleString("en-US") + suffix));
    }
    const days = [0, Math.floor((n - 1) / 2), n - 1];
    for (const i of days) svg.append(shape("text", { class: "chart-tick", x: Math.min(x(i), width - right), y: height - 0.35 * rem, "text-anchor": i === 0 ? "start" : i === n - 1 ? "end" : "middle" }, said.points[i][0]));
    if (said.bars) bars(svg, said.points, x, y, wide, low, rem);
    else line(svg, said.points, x, y, rem);
    const last = said.points[n - 1];
    if (last[1] !== null) {
      svg.append(shape("text", { class: "chart-last", x: width - right, y: 1.05 * rem, "text-anchor": "end" }, said.last));
    }
    box.replaceChildren(svg);
  }

  function bars(svg, points, x, y, wide, low, rem) {
    points.forEach(function (point, i) {
      if (point[1] === null) return;
      const last = i === points.length - 1, edge = last ? 0.06 * rem : 0;
      svg.append(shape("rect", { class: last ? "chart-bar is-last" : "chart-bar", x: x(i) - wide * 0.36 + edge, width: Math.max(1, wide * 0.72 - 2 * edge),
        y: y(point[1]), height: Math.max(0, y(low) - y(point[1])) }));
    });
  }

  function line(svg, points, x, y, rem) {
    let path = "", pen = "M";
    points.forEach(function (point, i) {
      if (point[1] === null) { pen = "M"; return; }
      path += pen + x(i).toFixed(1) + " " + y(point[1]).toFixed(1);
      pen = "L";
    });
    svg.append(shape("path", { class: "chart-line", d: path }));
    const last = points.length - 1;
    if (points[last][1] !== null) svg.append(shape("circle", { class: "chart-point", cx: x(last), cy: y(points[last][1]), r: 0.3 * rem }));
  }

  wall.draws.trend = function (box, pieces) { if (pieces.chart) draw(box.content, pieces.chart); };
  wall.chart = draw;
})();
