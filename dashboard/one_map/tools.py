"""The drawing tools on the map: their words and icons, handed to assets/map_tools.js with the map's data."""

from __future__ import annotations

from typing import Any

from dashboard.icons import data_uri
from dashboard.languages import _

ICONS = {"measure": "ruler-measure", "lasso": "lasso"}


def browser_words() -> dict[str, Any]:
    """Words in the reader's language and icons as data URIs."""
    return {
        "icons": {tool: data_uri(name) for tool, name in ICONS.items()},
        "texts": {
            "measure": _("测量距离和面积"),
            "lasso": _("圈选：画一块区域看指标"),
            "measuring": _("点击地图逐点测量；方向键移动十字，回车定点，Esc 结束"),
            "lassoing": _("按住拖画一圈，或逐点点击；方向键移动十字，回车定点，Esc 结束"),
            "more": _("继续点击；退格键去掉上一点"),
            "closing": _("点第一点、双击或按 C 闭合"),
            "slip": _("圈得太小，请再画一次"),
            "clear": _("清除"),
            "length": _("长 {length}"),
            "around": _("周长 {length}"),
            "area": _("面积 {area}"),
            "m": _("米"),
            "km": _("公里"),
            "m2": _("平方米"),
            "ha": _("公顷"),
        },
    }
