"""What a person chose to see of the heatmap, read from the address: the one map's choice, and what is only here.

/heatmap?level=grid&figure=on_time_rate&period=month&against=before&within=C1&lens=places&view=beside&when=year
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import parse_qs

from dashboard import choice as choices
from dashboard.languages import _
from data.errors import QuestionError
from data.hexagons import WIDTHS

LENSES = ("places", "hexagons", "spots", "emerging")
VIEWS = ("one", "months", "tracks", "beside", "swipe")
AGAINST = ("none", "before", "year", "target", "peers")
METHODS = ("quantile", "natural", "fixed")
WHENS = ("before", "year", "same")
LEVELS = ("street", "community", "grid", "micro_grid")
SHARED = ("level", "figure", "period", "range", "basis", "as_of", *choices.FILTERS, "value", "classes")
OWN = ("lens", "view", "against", "target", "within", "method", "breaks", "other", "when", "hexagon")
MOST_BREAKS = 8


@dataclass(frozen=True)
class Choice:
    """The state of the controls. base: what the one map understands; within: code of the place one has gone into; target, breaks: as
    written, shares in per cent; other, when: figure and time of the second map, where there are two; hexagon:
    metres across, on paper (0: the usual one)."""

    base: choices.Choice = field(default_factory=choices.Choice)
    lens: str = "places"
    view: str = "one"
    against: str = "none"
    target: float | None = None
    within: str = ""
    method: str = "quantile"
    breaks: tuple[float, ...] = ()
    other: str = ""
    when: str = "before"
    hexagon: int = 0

    @property
    def second(self) -> Choice:
        """The choice of the second map: another figure, or none other."""
        figure = self.other or self.base.figure
        return replace(self, base=replace(self.base, figure=figure), view="one")


def of_search(search: str) -> Choice:
    """The choice an address holds; what it does not say keeps its first value. Raises QuestionError."""
    given = parse_qs(search.lstrip("?"))
    lists = (*choices.LISTS,)
    base = {name: given[name] if name in lists else given[name][-1] for name in SHARED if name in given}
    own = {name: given[name][-1] for name in OWN if name in given}
    method = one_of(own, "method", METHODS)
    held = choices.of_values(base | {"method": "natural" if method == "natural" else "quantile"})
    return Choice(
        base=held if held.level else replace(held, level=""),
        lens=one_of(own, "lens", LENSES),
        view=one_of(own, "view", VIEWS),
        against=one_of(own, "against", AGAINST),
        target=_amount(own["target"], "target") if own.get("target") else None,
        within=own.get("within", ""),
        method=method,
        breaks=_breaks(own.get("breaks", "")),
        other=own.get("other", ""),
        when=one_of(own, "when", WHENS),
        hexagon=int(one_of(own, "hexagon", ("0", *map(str, WIDTHS)))),
    )


def one_of(said: Mapping[str, Any], name: str, allowed: tuple[str, ...]) -> str:
    """What is said, or the first there is. Raises QuestionError."""
    value = str(said.get(name) or allowed[0])
    if value not in allowed:
        raise QuestionError(_("不认识的取值：{value}").format(value=value), where=name, todo=", ".join(allowed))
    return value


def _amount(text: str, name: str) -> float:
    try:
        found = float(text)
        if not abs(found) < 1e9:
            raise ValueError
    except ValueError as error:
        raise QuestionError(_("这不是数字：{value}").format(value=text), where=name) from error
    return found


def _breaks(text: str) -> tuple[float, ...]:
    found = sorted({_amount(one, "breaks") for one in text.split(",") if one.strip()})
    if len(found) > MOST_BREAKS:
        raise QuestionError(_("分级界线最多 {n} 个").format(n=MOST_BREAKS), where="breaks")
    return tuple(found)
