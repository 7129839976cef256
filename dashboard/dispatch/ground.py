"""The ground an order is drawn on: the grids' outlines, the base map, the colours of what is chosen and of each state."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from dashboard.icons import data_uri
from dashboard.languages import _
from dashboard.one_map import tools
from data.atlas import atlas_on
from data.reach import level_of_orders
from data.store import Store
from layers import worker
from layers.base_map import base_map
from layers.boundaries import Boundaries
from layers.registry import layer_of

# Class → colour of each theme. The state's word stands beside it in the legend, the tip and the list.
CLASSES = {
    "none": ("#EEF1F4", "#18202B"),
    "chosen": ("#8CC4EA", "#2B6FA3"),
    "brushed": ("#D9E7F2", "#22364A"),
    "refused": ("#EFA982", "#8A3F10"),
    "waiting": ("#C3CAD3", "#46525F"),
    "accepted": ("#A9D3F0", "#2F6F9E"),
    "handled": ("#3A8CCB", "#56B4E9"),
    "done": ("#2FAF8A", "#0B8563"),
    "late": ("#D55E00", "#D55E00"),
}


def ground_said(store: Store) -> dict[str, Any]:
    """What assets/map.js paints a map of. Raises NotFound where there are no grids."""
    level, shapes = level_of_orders(store), shapes_of(store)
    base = f"/layers/cells/{level}/{shapes.digest}"
    return {
        "classes": list(CLASSES),
        "paint": {
            "address": f"{base}/cells.bin" if shapes.n else "",
            "names": f"{base}/names.json" if shapes.n else "",
            "worker": worker.address(),
            "base": base_map(store).address,
            "level": level,
            "steps": [],
            "bounds": shapes.bounds,
            "figure": {"name": "", "unit": "cases", "word": ""},
            "colours": {
                "light": [one for one, _dark in CLASSES.values()],
                "dark": [one for _l, one in CLASSES.values()],
            },
            "texts": _texts(),
        },
        "tools": _tools(),
    }


def shapes_of(store: Store) -> Boundaries:
    """The outlines orders are drawn on. Raises NotFound where there are no grids."""
    atlas, level = atlas_on(store), level_of_orders(store)
    layer = layer_of(level)
    if layer is None or layer.polygons is None:
        raise LookupError(level)
    return layer.polygons(store, atlas.atlas_id, atlas.digest, level)


def around(store: Store, codes: Sequence[str]) -> tuple[float, float, float, float] | None:
    """West, south, east, north of some grids; null where none of them has a shape."""
    shapes = shapes_of(store)
    known = [code for code in codes if code in shapes.number]
    return shapes.around(known, np.ones(len(known))) if known else None


def _tools() -> dict[str, Any]:
    words = tools.browser_words()
    icons = {**words["icons"], "circle": data_uri("circle-dot")}
    own = {
        "lasso": _("圈选：画一块区域"),
        "circle": _("画圆：从圆心拖到边"),
        "circling": _("按住圆心拖到边；或点圆心、再点边"),
        "radius": _("半径 {length}"),
    }
    return {"icons": icons, "texts": {**words["texts"], **own}}


def _texts() -> dict[str, str]:
    return {
        "none": "", "few": "", "home": _("看全图"), "in": _("放大"), "out": _("缩小"),
        "keys": _("地图：方向键移到相邻区域，回车选择，加减号缩放"),
        "fallback": _("这个浏览器缺少 Worker 或 OffscreenCanvas，地图在页面中绘制，会慢一些"),
        "failed": _("地图边界没有取到，请重新载入页面"), "far": "",
    }  # fmt: skip
