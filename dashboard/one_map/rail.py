"""The rail on the left: everything a person can choose. Its values are the address's parameters (dashboard/choice.py)."""

from __future__ import annotations

from typing import Any

import dash_mantine_components as dmc
from dash import ClientsideFunction, Dash, Input, Output, State, dcc, html

from dashboard import boxes
from dashboard import choice as choices
from dashboard.choice import Choice
from dashboard.desk import Desk
from dashboard.formats import name_of
from dashboard.languages import _, marked
from dashboard.one_map import things
from dashboard.questions import levels_here
from data.figures import CATALOGUE
from data.on_map import filter_values, newest_report

# Parameter of the address → the control that holds it and the control's property.
CONTROLS: dict[str, tuple[str, str]] = {
    "level": ("choose-level", "value"),
    "figure": ("choose-figure", "value"),
    "period": ("choose-period", "value"),
    "range": ("choose-range", "value"),
    "basis": ("choose-basis", "value"),
    "as_of": ("choose-as-of", "value"),
    "track": ("choose-track", "value"),
    "channel": ("choose-channel", "value"),
    "category": ("choose-category", "value"),
    "unit": ("choose-unit", "value"),
    "method": ("choose-method", "value"),
    "value": ("choose-value", "value"),
    "classes": ("choose-classes", "value"),
    "events": ("choose-events", "value"),
    "layers": ("choose-layers", "value"),
}
CHOSEN, ON_MAP, WENT, NAMES, WORDS, CHIPS = "chosen", "on-map", "went", "names", "chip-words", "filter-chips"
READABLE = "readable-level"  # the level the map's zoom allows: what "automatic" stands for (assets/map_level.js)

LEVEL_NAMES = {
    "district": marked("区县"),
    "street": marked("街道"),
    "community": marked("社区"),
    "grid": marked("网格"),
    "micro_grid": marked("微网格"),
    "estate": marked("小区"),
    "building": marked("楼栋"),
    "block": marked("单元"),
    "unit": marked("单位"),
    "company": marked("物业公司"),
    "none": marked("未定位"),
    "point": marked("坐标点"),
}
PERIOD_NAMES = {
    "month": marked("最近一月"),
    "quarter": marked("最近一季"),
    "half": marked("最近半年"),
    "year": marked("最近一年"),
    "custom": marked("自选日期"),
}
BASIS_NAMES = {
    "registered": marked("立案时间"),
    "reported": marked("上报时间"),
    "due": marked("到期时间"),
    "closed": marked("结案时间"),
    "called_back": marked("回访时间"),
    "state": marked("当前状态"),
}
FILTER_NAMES = {
    "track": marked("跑道"),
    "channel": marked("来源"),
    "category": marked("类别"),
    "unit": marked("主办单位"),
}
VALUE_NAMES = {"own": marked("原值"), "shrunk": marked("收缩值"), "sure": marked("存疑")}
METHOD_NAMES = {"quantile": marked("等量"), "natural": marked("自然断点")}
TRACK_NAMES = {
    "party_building": marked("党的建设"),
    "economy": marked("经济发展"),
    "livelihood": marked("民生服务"),
    "safety_law": marked("平安法治"),
}
BASES = ("registered", "reported", "due", "closed", "called_back")


def level_name(level: str) -> str:
    """A level in the reader's language."""
    return _(LEVEL_NAMES.get(level, level))


def basis_name(basis: str) -> str:
    """A basis in the reader's language."""
    return _(BASIS_NAMES.get(basis, basis))


def layout(desk: Desk | None, choice: Choice, level: str) -> html.Aside:
    """The controls with the choice's values."""
    store = desk.store if desk else None
    levels = levels_here(store) if store else []
    values = filter_values(store) if store else {}
    chosen = dict(choice.filters)
    reported = newest_report(store) if store else None
    newest = (
        reported.astimezone(store.zone).date().isoformat() if store and reported else None
    )  # the month the calendars open on
    day = choice.as_of.isoformat() if choice.as_of else None
    days = [d.isoformat() for d in choice.range] if choice.range else [None, None]
    return html.Aside(
        [
            dcc.Store(id=CHOSEN),
            dcc.Store(
                id=ON_MAP
            ),  # what was chosen once the map is painted with it: the rest of the screen follows the map
            dcc.Store(id=WENT),
            dcc.Store(id=READABLE, data=level),
            dcc.Store(id=NAMES, data=list(CONTROLS)),
            dcc.Store(id=WORDS, data=_chip_words()),
            html.Div(id=CHIPS, className="filter-chips", role="group", **{"aria-label": _("已选条件")}),
            _select("figure", _("指标"), [(n, name_of(d.zh, d.en)) for n, d in CATALOGUE.items()], choice.figure),
            _select("level", _("层级"), level_options(levels, level), level_control(choice) or level),
            html.Div(
                [
                    _select("period", _("时段"), [(p, _(PERIOD_NAMES[p])) for p in choices.PRESETS], choice.period),
                    html.Div(
                        dmc.DatePickerInput(
                            id=CONTROLS["range"][0],
                            type="range",
                            value=days,
                            valueFormat="YYYY-MM-DD",
                            monthLabelFormat=_("YYYY年M月"),
                            defaultDate=newest,
                            size="sm",
                            placeholder=_("开始日期 – 结束日期"),
                            **{"aria-label": _("自选日期")},
                        ),
                        id="range-box",
                    ),
                    *boxes.live_box("period-text", "quiet hint"),
                ]
            ),
            _select(
                "basis",
                _("口径"),
                [(choices.OWN, _("指标自带")), *((b, basis_name(b)) for b in BASES)],
                choice.basis or choices.OWN,
            ),
            dmc.DatePickerInput(
                id=CONTROLS["as_of"][0],
                label=_("截至"),
                value=day,
                valueFormat="YYYY-MM-DD",
                monthLabelFormat=_("YYYY年M月"),
                defaultDate=newest,
                clearable=True,
                placeholder=_("现在"),
                size="sm",
                clearButtonProps={"aria-label": _("清除")},
            ),
            html.Hr(),
            *(_filter(name, values.get(name, []), chosen.get(name, ())) for name in choices.FILTERS),
            html.Hr(),
            _segments("events", _("案件图层"), [("off", _("不显示")), ("on", _("显示"))], choice.events),
            dmc.MultiSelect(
                id=CONTROLS["layers"][0],
                label=_("图层"),
                data=_data(things.titles()),
                value=list(choice.layers),
                clearable=True,
                placeholder=_("无") if not choice.layers else "",
                clearButtonProps={"aria-label": _("清除")},
            ),
            _segments("method", _("分级方法"), [(m, _(METHOD_NAMES[m])) for m in choices.METHODS], choice.method),
            _segments("value", _("着色"), [(v, _(VALUE_NAMES[v])) for v in choices.VALUES], choice.value),
            _segments("classes", _("级数"), [(n, n) for n in ("5", "6", "7")], str(choice.classes)),
        ],
        className="rail",
        **{"aria-label": _("筛选")},
    )


def level_options(levels: list[str], readable: str) -> list[tuple[str, str]]:
    """The levels to choose from; the first is the map's own choice and says which that is now."""
    automatic = _("随缩放") + " · " + level_name(readable)
    return [(choices.AUTO, automatic), *((name, level_name(name)) for name in levels)]


def level_control(choice: Choice) -> str:
    """What the level's control holds."""
    return choices.AUTO if choice.auto or not choice.level else choice.level


def _chip_words() -> dict[str, Any]:
    """What the browser needs to name the active conditions: parameter → its name, and words for values that are ours."""
    return {
        "names": {**{name: _(text) for name, text in FILTER_NAMES.items()}, "basis": _("口径"), "as_of": _("截至")},
        "values": {
            "track": {name: _(text) for name, text in TRACK_NAMES.items()},
            "basis": {name: _(text) for name, text in BASIS_NAMES.items()},
        },
        "clear": _("全部清除"),
        "drop": _("去掉"),
        "own": choices.OWN,
    }


def _data(options: list[tuple[str, str]]) -> list[dict[str, str]]:
    return [{"value": value, "label": label} for value, label in options]


def _select(name: str, label: str, options: list[tuple[str, str]], value: str) -> dmc.Select:
    return dmc.Select(
        id=CONTROLS[name][0],
        label=label,
        data=_data(options),
        value=value,
        nothingFoundMessage=_("没有匹配项"),
        comboboxProps={"withinPortal": True},
    )


def _segments(name: str, label: str, options: list[tuple[str, str]], value: str) -> html.Div:
    return html.Div(
        [
            html.Div(label, className="label"),
            dmc.SegmentedControl(id=CONTROLS[name][0], data=_data(options), value=value),
        ]
    )


def _filter(name: str, values: list[str], chosen: tuple[str, ...]) -> Any:
    shown = [(value, _(TRACK_NAMES.get(value, value)) if name == "track" else value) for value in values]
    missing = [(value, value) for value in chosen if value not in values]
    return dmc.MultiSelect(
        id=CONTROLS[name][0],
        label=_(FILTER_NAMES[name]),
        data=_data(shown + missing),
        value=list(chosen),
        searchable=True,
        clearable=True,
        placeholder=_("全部") if not chosen else "",
        nothingFoundMessage=_("没有匹配项"),
        limit=100,
        hidePickedOptions=True,
        clearButtonProps={"aria-label": _("清除")},
        disabled=not shown and not missing,
    )


def values_of(choice: Choice) -> list[Any]:
    """The controls' values for a choice, in the order of CONTROLS."""
    said: dict[str, Any] = {
        "level": level_control(choice),
        "figure": choice.figure,
        "period": choice.period,
        "range": [d.isoformat() for d in choice.range] if choice.range else [None, None],
        "basis": choice.basis or choices.OWN,
        "as_of": choice.as_of.isoformat() if choice.as_of else None,
        **{name: list(dict(choice.filters).get(name, ())) for name in choices.FILTERS},
        "method": choice.method,
        "value": choice.value,
        "classes": str(choice.classes),
        "events": choice.events,
        "layers": list(choice.layers),
    }
    return [said[name] for name in CONTROLS]


def register(app: Dash, desk: Desk) -> None:  # noqa: ARG001  every part is registered in the same way
    """Controls → chosen (and the address); an address gone back to → controls."""
    app.clientside_callback(
        ClientsideFunction("address", "choose"),
        Output(CHOSEN, "data"),
        Input("picked", "data"),
        Input(READABLE, "data"),
        *(Input(*control) for control in CONTROLS.values()),
        State(NAMES, "data"),
        State(CHOSEN, "data"),
    )
    app.clientside_callback(
        ClientsideFunction("address", "range"),
        Output("range-box", "className"),
        Input(*CONTROLS["period"]),
    )

    app.clientside_callback(
        ClientsideFunction("address", "levels"),
        Output(CONTROLS["level"][0], "data"),
        Input(READABLE, "data"),
        State(CONTROLS["level"][0], "data"),
    )
    app.clientside_callback(
        ClientsideFunction("address", "chips"), Output(CHIPS, "children"), Input(CHOSEN, "data"), State(WORDS, "data")
    )

    @app.callback([Output(*c) for c in CONTROLS.values()], Input(WENT, "data"), prevent_initial_call=True)
    async def go_back(went: dict[str, Any]) -> list[Any]:
        return values_of(choices.of_search(went["search"]))
