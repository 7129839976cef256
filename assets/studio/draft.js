// One draft as this page knows it: labels of the cells, figures, rules. Every act names the last line seen; the answer, or the news of
// somebody else's line, brings what changed since.
(function () {
  const jingwei = window.jingwei;
  const desk = jingwei.desk = jingwei.desk || {};
  const studio = (desk.studio = desk.studio || {});
  const NEW = 1000000000; // data/drafts.py says the same

  studio.open = async function (id) {
    const make = desk.make;
    studio.show(make("p", { class: "studio-loading quiet" }, desk.words.loading));
    const said = await studio.ask("/studio/drafts/" + id);
    if (!said || studio.id !== id) return;
    const names = await studio.ask(said.cells.names);
    if (!names || studio.id !== id) return;
    const state = studio.now = {
      id: id, cells: said.cells, n: said.cells.n, names: names, grid: studio.decoded(said.grid), micro: studio.decoded(said.micro), community: studio.decoded(said.community),
      households: studio.decoded(names.households), firstCommunity: studio.decoded(names.community), first: studio.decoded(names.first_grid), firstMicro: studio.decoded(names.first_micro),
      chosen: new Set(), busy: false,
    };
    take(state, said.changing);
    studio.frame();
    jingwei.liveParts["studio?draft=" + id] = studio.follow;
    jingwei.live.show("?draft=" + id);
    document.title = state.said.draft.name + " · " + desk.words.title;
  };

  studio.end = function () {
    if (studio.map) { studio.map.end(); studio.map = null; }
    if (studio.now) jingwei.live.show(null);
    studio.now = studio.preview = null;
    studio.unit = "grid";
    if (studio.endSolve) studio.endSolve();
  };

  function take(state, changing) {
    state.said = changing;
    state.locked = new Set(changing.locked);
    state.row = {};
    changing.figures.label.forEach(function (label, i) { state.row[label] = i; });
    state.rowBefore = {};
    changing.before.label.forEach(function (label, i) { state.rowBefore[label] = i; });
    const there = studio.unit === "community" ? new Set(state.community) : null;
    for (const label of [...state.chosen]) if (there ? !there.has(label) : !(label in state.row)) state.chosen.delete(label);
  }

  // What the server says is new: the cells that changed, and everything that is counted.
  studio.take = function (said) {
    const state = studio.now;
    const cell = studio.decoded(said.cell), grid = studio.decoded(said.grid), micro = studio.decoded(said.micro), community = studio.decoded(said.community);
    for (let i = 0; i < cell.length; i++) { state.grid[cell[i]] = grid[i]; state.micro[cell[i]] = micro[i]; state.community[cell[i]] = community[i]; }
    take(state, said.changing);
    studio.refresh();
  };

  // An act; true once it is done. What was drawn here in advance is put right by the answer, or taken back.
  studio.act = async function (what, body) {
    const state = studio.now;
    if (state.busy) return false;
    state.busy = true;
    let said = null;
    try {
      said = await desk.ask("/studio/drafts/" + state.id + "/" + what, Object.assign({ seen: state.said.seq }, body));
    } catch (error) { desk.say(error.answered ? error.message : desk.words.lost, "late"); }
    state.busy = false;
    if (studio.now !== state) return false;
    if (said) { desk.say([]); studio.take(said); return true; }
    await catchUp(true);
    return false;
  };

  async function catchUp(all) {
    const state = studio.now;
    if (!state || state.busy) return;
    const said = await studio.ask(all ? "/studio/drafts/" + state.id : "/studio/drafts/" + state.id + "/since?seq=" + state.said.seq);
    if (!said || studio.now !== state) return;
    if (all) { state.grid = studio.decoded(said.grid); state.micro = studio.decoded(said.micro); state.community = studio.decoded(said.community); take(state, said.changing); studio.refresh(); } else studio.take(said);
  }

  // Somebody wrote a line, or this page did: ask for it where it is not here yet.
  studio.follow = function (pieces) {
    const state = studio.now;
    if (!state || !pieces.mark) return true;
    const before = state.mark;
    state.mark = pieces.mark;
    const line = Number(pieces.mark.split(".")[0]);
    if (before === undefined && line === state.said.seq) return true;
    if (state.busy) { setTimeout(function () { studio.follow(pieces); }, 300); return true; }
    const news = line > state.said.seq;
    catchUp(false).then(function () {
      const last = state.said.journal[0];
      if (news && last) desk.say(desk.fill(desk.words.others, { who: last[2] + " · " + last[3] }), "good");
    });
    return true;
  };

  studio.isNew = function (label) { return label >= NEW; };
  studio.gridName = function (label) {
    const known = studio.now.names.labels[label];
    return known ? known[1] : desk.fill(desk.words.new_name, { n: label - NEW + 1 });
  };
  studio.gridCode = function (label) { const known = studio.now.names.labels[label]; return known ? known[0] : ""; };
  studio.isDedicated = function (label) { const known = studio.now.names.labels[label]; return Boolean(known && known[2]); };
  studio.cellsOf = function (labels) {
    const found = [], grid = studio.shown();
    for (let i = 0; i < grid.length; i++) if (labels.has(grid[i])) found.push(i);
    return found;
  };
  // What the map shows: communities or grids; of grids the preview of the optimiser, else the draft. Within them micro-grids, or grids.
  const whole = function () { return studio.unit === "community"; };
  const grids = function () { return studio.preview ? studio.preview.grid : studio.now.grid; };
  studio.shown = function () { return whole() ? studio.now.community : grids(); };
  studio.shownMicro = function () { return whole() ? grids() : studio.preview ? studio.preview.micro : studio.now.micro; };
  studio.shownFirst = function () { return whole() ? studio.now.firstCommunity : studio.now.first; };
  studio.communityName = function (label) { return studio.now.names.places[label] || desk.fill(desk.words.new_community, { n: label - NEW + 1 }); };
  studio.labelName = function (label) { return whole() ? studio.communityName(label) : studio.gridName(label); };

  studio.refresh = function () {
    if (studio.map) studio.map.draw();
    if (studio.panel) studio.panel();
  };
})();
