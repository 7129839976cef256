"""The district's headline figures: value, unit, comparison, n, and a click to the cases."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from dash import Dash, Input, html

from dashboard import boxes, messages
from dashboard import choice as choices
from dashboard.desk import Desk, off_loop
from dashboard.formats import count, name_of, number, unit_word
from dashboard.icons import icon
from dashboard.languages import _, marked
from dashboard.one_map.rail import ON_MAP, basis_name
from dashboard.questions import ask, ask_before, resolve
from data import directions
from data.figures import CATALOGUE, Figure, PlaceFigures
from data.on_map import oldest_report
from data.periods import Period
from data.store import Store

HEADLINES = "headlines"
# Six stand above the table; where the table has a tab of its own, there is room for all.
SHOWN = (
    "on_time_rate",
    "completion_rate",
    "overdue_open",
    "open",
    "satisfaction_rate",
    "registered",
    "closed",
    "due_completion_rate",
    "handling_hours",
    "rework_rate",
    "settled_at_level",
    "repeat_rate",
)
STATES = frozenset({"open", "overdue_open", "suspended_open"})  # as they stand at one moment: no period to compare


def layout() -> list[Any]:
    """The cards' place."""
    return boxes.live_box(HEADLINES, "headlines", messages.loading())


def cards(store: Store, choice: choices.Choice) -> list[Any]:
    """The district's cards, compared with the period before and with the same days a year earlier."""
    asked = resolve(store, choice)
    now = ask(store, asked.question("district"))[0]
    earlier = {marked("环比"): asked.earlier(), marked("同比"): asked.year_earlier()}
    oldest = oldest_report(store)
    rows = {
        word: ask_before(store, one.question("district"))[0]
        for word, one in earlier.items()
        if covered(one.period, oldest)
    }
    return [card(now, name, earlier=rows) for name in SHOWN]


def covered(period: Period, oldest: datetime | None) -> bool:
    """Whether the data reach back far enough for the period: all but a tenth of it. A year before the first ticket is not a
    year without tickets."""
    return oldest is not None and oldest - period.start <= (period.end - period.start) / 10


def card(row: PlaceFigures, name: str, *, earlier: Mapping[str, PlaceFigures] | None = None) -> html.Button:
    """One figure. The attributes say which cases it opens; assets/places.js listens."""
    definition, figure = CATALOGUE[name], row.figures[name]
    label = name_of(definition.zh, definition.en)
    value = number(figure.value, definition.unit)
    known = figure.value is not None
    return html.Button(
        [
            html.Div(label, className="card-name"),
            html.Div(
                [
                    html.Span(value, className="card-value" if known else "card-value is-none"),
                    html.Span(unit_word(definition.unit) if known else "", className="card-unit"),
                ],
            ),
            html.Div(
                [
                    *(c for word, other in (earlier or {}).items() for c in comparison(name, figure, other, word)),
                    html.Span(sample(name, figure), className="quiet"),
                ],
                className="card-foot",
            ),
        ],
        className="card",
        title=f"{label} = {name_of(definition.formula_zh, definition.formula)} · {basis_name(figure.basis or 'state')}",
        **{"data-place": row.place or "", "data-figure": name, "data-part": "denominator", "type": "button"},
    )


def sample(name: str, figure: Figure) -> str:
    """What the value rests on."""
    if CATALOGUE[name].type == "count":
        return _("截至此刻") if name in STATES else _("本期")
    return f"n {count(figure.denominator or 0)}"


def comparison(name: str, figure: Figure, earlier: PlaceFigures, word: str) -> list[Any]:
    """'↑ 1.3 环比', with the colour of good or bad only where one is; nothing where there is nothing to compare with."""
    definition, then = CATALOGUE[name], earlier.figures[name].value
    if figure.value is None or then is None or (definition.type == "count" and not then):
        return []
    change = float(figure.value) - float(then)
    counted = definition.type == "count"
    text = f"{abs(change) / float(then) * 100:,.1f}%" if counted else number(abs(change), definition.unit)
    if not float(text.rstrip("%").replace(",", "")):
        return [html.Span(_("{word}持平").format(word=_(word)), className="quiet")]
    up = change > 0
    good = directions.good(name, up=up)
    state = {None: "quiet", True: "is-good", False: "is-bad"}[good]
    arrow = icon("arrow-up" if up else "arrow-down", label=_("上升") if up else _("下降"))
    return [html.Span([arrow, text, " ", _(word)], className=state)]


def register(app: Dash, desk: Desk) -> None:
    """chosen → cards."""

    @app.callback(boxes.filled(HEADLINES), Input(ON_MAP, "data"), prevent_initial_call=True)
    async def show(chosen: dict[str, Any]) -> list[Any]:
        return await off_loop(cards, desk.store, choices.of_values(chosen))

    boxes.register(app, HEADLINES)
