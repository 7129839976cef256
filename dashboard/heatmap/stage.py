"""The heatmap's frame on the page: what its scripts fill, the options of its controls, and its words."""

from __future__ import annotations

import json
from typing import Any

from dash import html

from dashboard.console.stage import map_said
from dashboard.desk import Desk
from dashboard.formats import name_of
from dashboard.heatmap.choice import LEVELS
from dashboard.heatmap.drawn import AGAINST_NAMES
from dashboard.heatmap.words import words
from dashboard.languages import _, marked
from dashboard.one_map.rail import METHOD_NAMES, PERIOD_NAMES, TRACK_NAMES, VALUE_NAMES, level_name
from dashboard.questions import levels_here
from dashboard.rights import EXPORT
from data.acting import acting
from data.figures import CATALOGUE
from data.on_map import filter_values
from data.store import Store
from data.targets import leader

ROOT = "heatmap"
LENS_NAMES = {
    "places": marked("按区域"), "hexagons": marked("案件密度"), "spots": marked("冷热点"), "emerging": marked("热点演变"),
}  # fmt: skip
VIEW_NAMES = {
    "one": marked("单图"), "months": marked("按月小图"), "tracks": marked("按跑道小图"), "beside": marked("并排"), "swipe": marked("卷帘"),
}  # fmt: skip
WHEN_NAMES = {"before": marked("上一期"), "year": marked("上年同期"), "same": marked("同一时段")}
SOUGHT = 120  # categories offered


def layout(desk: Desk | None) -> Any:
    """The controls, the map, what stands beside it (assets/heatmap draws everything)."""
    parts = [
        html.Div(className="heat-bar", role="toolbar", **{"aria-label": _("区域热力的选择")}),
        html.Section(
            [
                html.Div(className="heat-head"),
                html.Div(className="heat-stage"),
                html.Div(className="heat-note", role="status"),
            ],
            className="heat-map",
            **{"aria-label": _("区域热力图")},
        ),
        html.Aside(className="heat-side", **{"aria-label": _("图例与列表")}),
    ]
    said = {
        "data-words": json.dumps(words(), ensure_ascii=False),
        "data-options": json.dumps(options(desk.store), ensure_ascii=False) if desk else "{}",
        "data-map": json.dumps(map_said(desk)),
        "data-export": "1" if desk and EXPORT.allows(acting()) else "",
    }
    return html.Div(parts, id=ROOT, className="heatmap", **said)


def options(store: Store) -> dict[str, list[list[str]]]:
    """What each control offers: value and name."""
    offered = filter_values(store)
    return {
        "level": [[one, level_name(one)] for one in levels_here(store) if one in LEVELS],
        "figure": [[name, name_of(one.zh, one.en)] for name, one in CATALOGUE.items() if one.type != "none"],
        "period": [[name, _(text)] for name, text in PERIOD_NAMES.items()],
        "against": [[name, _(text)] for name, text in AGAINST_NAMES.items()],
        "method": [[name, _(text)] for name, text in METHOD_NAMES.items()] + [["fixed", _("固定界线")]],
        "value": [[name, _(text)] for name, text in VALUE_NAMES.items()],
        "classes": [[n, n] for n in ("5", "6", "7")],
        "track": [["", _("全部")]] + [[name, _(text)] for name, text in TRACK_NAMES.items() if name in offered["track"]],
        "category": [["", _("全部")]] + [[one, one] for one in offered["category"][:SOUGHT]],
        "lens": [[name, _(text)] for name, text in LENS_NAMES.items()],
        "view": [[name, _(text)] for name, text in VIEW_NAMES.items()],
        "other": [["", _("同一指标")]] + [[name, name_of(one.zh, one.en)] for name, one in CATALOGUE.items() if one.type != "none"],
        "when": [[name, _(text)] for name, text in WHEN_NAMES.items()],
        "targets": [[name, said] for name in CATALOGUE if (said := target_text(store, name))],
    }  # fmt: skip


def target_text(store: Store, figure: str) -> str:
    """What the deployment wants a figure to reach, as one writes it into the field: shares in per cent."""
    found = leader(store).target(figure)
    return "" if found is None else f"{found * 100 if CATALOGUE[figure].unit == 'share' else found:g}"
