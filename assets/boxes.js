// Boxes (dashboard/boxes.py): html drawn by a React root of its own, so that a change of it concerns nothing else on the page.
(function () {
  const jingwei = (window.jingwei = window.jingwei || {});
  const roots = new Map(); // id of a box → {box, root}

  function made(tree) {
    if (tree === null || typeof tree !== "object") return tree;
    if (Array.isArray(tree)) return React.createElement(React.Fragment, null, ...tree.map(made));
    if (tree.namespace !== "dash_html_components") throw new Error("a box holds html alone, not " + tree.type + " of " + tree.namespace);
    const { children, ...props } = tree.props;
    return React.createElement(tree.type.toLowerCase(), props, ...[children === undefined ? null : children].flat().map(made));
  }

  // The root of a box; those of pages that are gone end.
  function rootOf(box) {
    for (const [id, one] of roots) if (!one.box.isConnected) { roots.delete(id); one.root.unmount(); }
    if (!roots.has(box.id)) roots.set(box.id, { box: box, root: ReactDOM.createRoot(box) });
    return roots.get(box.id).root;
  }

  jingwei.fillBox = function (id, tree) {
    const box = document.getElementById(id);
    if (box) rootOf(box).render(made(tree === undefined ? null : tree));
  };

  window.dash_clientside = Object.assign({}, window.dash_clientside, {
    boxes: {
      fill: function (tree) { jingwei.fillBox(window.dash_clientside.callback_context.inputs_list[0].id.replace(/-content$/, ""), tree); },
    },
  });
})();
