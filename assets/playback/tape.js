// What is played: the pieces of an interval (dashboard/playback/told.py), fetched ahead and let go behind, and what is counted at the
// instant it stands at. Runs in the page and in Node. Nothing here draws, nothing grows with how long it plays.
(function () {
  const jingwei = (globalThis.jingwei = globalThis.jingwei || {});
  const KEPT = 6; // pieces
  const AHEAD = 2; // pieces fetched before they are needed
  const AGAIN = 3000; // milliseconds until a piece that did not come is asked for again
  const NOWHERE = 0xffffffff;

  function column(text, Kind) { return new Kind(jingwei.decodeValues(text).buffer); }

  // A piece with its columns as numbers.
  jingwei.piece = function (said, names) {
    const { changes, lines, cases, base } = said;
    return {
      start: said.start, end: said.end, whole: said.whole, all: said.base.all, categories: said.categories, units: said.units,
      at: column(base.at, Uint32Array),
      counts: names.map(function (name) { return column(base.counts[name], Uint32Array); }),
      changes: { t: column(changes.t, Uint32Array), case: column(changes.case, Uint32Array), before: column(changes.before, Uint8Array), after: column(changes.after, Uint8Array) },
      lines: { t: column(lines.t, Uint32Array), case: column(lines.case, Uint32Array), action: column(lines.action, Uint8Array), unit: column(lines.unit, Uint16Array) },
      cases: { id: column(cases.id, Float64Array), number: cases.number, category: column(cases.category, Uint16Array), place: column(cases.place, Uint32Array),
        lon: column(cases.lon, Float32Array), lat: column(cases.lat, Float32Array), after: column(cases.after, Uint8Array) },
    };
  };

  // The first place in a sorted column that lies behind a value.
  jingwei.behind = function (sorted, value) {
    let low = 0, high = sorted.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (sorted[middle] <= value) low = middle + 1; else high = middle;
    }
    return low;
  };

  // outline: { counts, cuts, start, end, map: { n } }; ask(since, until): a promise of a piece's JSON.
  class Tape {
    constructor(outline, ask) {
      this.names = outline.counts;
      this.cuts = outline.cuts;
      this.start = outline.start;
      this.end = outline.end;
      this.ask = ask;
      this.pieces = new Map(); // number → piece, in the order they were last used
      this.asked = new Map(); // number → when it may be asked for again
      this.counts = this.names.map(function () { return new Int32Array(outline.map.n); }); // of each polygon
      this.all = this.names.map(function () { return 0; });
      this.state = new Uint8Array(0); // of the piece's cases: a bit a count
      this.here = -1; // the piece that is counted up to `t`
      this.t = -1;
      this.changed = 0; // grows whenever a count does
      this.heard = function () {}; // a piece came, or did not
      this.failed = false;
    }

    number(t) { return Math.max(0, Math.min(this.cuts.length - 2, jingwei.behind(this.cuts, t) - 1)); }

    // The piece of an instant, or null while it is on its way; those after it are fetched too.
    want(t) {
      const here = this.number(t);
      for (let number = here; number <= here + AHEAD && number < this.cuts.length - 1; number++) this.fetch(number);
      const found = this.pieces.get(here);
      if (!found) return null;
      this.pieces.delete(here);
      this.pieces.set(here, found);
      return found;
    }

    async fetch(number) {
      if (this.pieces.has(number) || (this.asked.get(number) || 0) > Date.now()) return;
      this.asked.set(number, Infinity);
      try {
        const said = await this.ask(this.cuts[number], this.cuts[number + 1]);
        this.pieces.set(number, jingwei.piece(said, this.names));
        this.asked.delete(number);
        this.failed = false;
        for (const old of this.pieces.keys()) if (this.pieces.size > KEPT && old !== this.here) this.pieces.delete(old);
      } catch (error) {
        this.asked.set(number, Date.now() + AGAIN);
        this.failed = true;
      }
      this.heard();
    }

    // Stand at an instant. True when it does, false while its piece is on its way.
    to(t) {
      const piece = this.want(t);
      if (!piece) return false;
      const number = this.number(t);
      const fresh = number !== this.here || t < this.t;
      if (fresh) this.begin(piece, number);
      const { changes } = piece, upTo = t - piece.start;
      for (; this.next < changes.t.length && changes.t[this.next] <= upTo; this.next++) {
        this.apply(piece.cases.place[changes.case[this.next]], changes.before[this.next], changes.after[this.next]);
        this.state[changes.case[this.next]] = changes.after[this.next];
      }
      this.t = t;
      this.piece = piece;
      return true;
    }

    begin(piece, number) {
      this.here = number;
      this.next = 0;
      this.counts.forEach(function (counts, i) {
        counts.fill(0);
        for (let k = 0; k < piece.at.length; k++) counts[piece.at[k]] = piece.counts[i][k];
      });
      this.all = piece.all.slice();
      this.state = piece.cases.after.slice();
      this.changed++;
    }

    apply(place, before, after) {
      for (let i = 0; i < this.all.length; i++) {
        const by = ((after >> i) & 1) - ((before >> i) & 1);
        if (!by) continue;
        this.all[i] += by;
        if (place !== NOWHERE) this.counts[i][place] += by;
      }
      this.changed++;
    }

    // The ledger's lines of (since, until]: [first, last) of the piece at hand.
    lines(since, until) {
      const { lines, start } = this.piece;
      return [since < start ? 0 : jingwei.behind(lines.t, since - start), jingwei.behind(lines.t, until - start)];
    }
  }

  jingwei.Tape = Tape;

  // The class of each polygon's count. breaks: one more than there are classes.
  jingwei.classed = function (counts, breaks, into) {
    const inner = breaks.slice(1, -1);
    for (let i = 0; i < counts.length; i++) {
      let found = 0;
      while (found < inner.length && counts[i] >= inner[found]) found++;
      into[i] = found;
    }
    return into;
  };
})();
