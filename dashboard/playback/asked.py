"""What an address of the playback asks for: /playback?place=CODE&level=grid&from=…&to=…&speed=240&figure=open.

Times are local; whatever is left out has the value a first visit sees: the whole district, its communities, the last 24
hours. A wall's token sees its own place and what lies in it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import urlencode

from dashboard.languages import _
from dashboard.questions import default_level, levels_here
from data.acting import acting
from data.errors import QuestionError, Refused
from data.figure_places import Places, ground
from data.levels import LEVELS
from data.periods import Period, parse_moment
from data.playback import Playback
from data.store import Store

PATH = "/playback"
FIRST = timedelta(days=1)  # the interval of a first visit
LISTED = ("district", "street", "community", "grid", "micro_grid", "estate")  # what can be coloured
COLOURED = ("open", "overdue_open", "reported", "closed")  # the counts the map can show


@dataclass(frozen=True)
class Asked:
    """A playback, and the tree of places of its last day."""

    play: Playback
    places: Places
    figure: str

    @property
    def place(self) -> tuple[str, str, str]:
        """(code, name, level) of the place all of it lies in."""
        if self.play.within is None:
            row = int((self.places.level == "district").argmax())
        else:
            row = self.places.row_of[self.places.find(self.play.within, self.play.level)[0]]
        return str(self.places.code[row]), str(self.places.name[row]), str(self.places.level[row])


def asked(store: Store, given: Mapping[str, str]) -> Asked:
    """The playback of an address's parameters. Raises QuestionError, NotFound, Refused."""
    now = store.now()
    end = _to_millis(min(parse_moment(given["to"], store.zone, where="to"), now) if given.get("to") else now)
    start = _to_millis(parse_moment(given["from"], store.zone, where="from")) if given.get("from") else end - FIRST
    if start >= end:
        raise QuestionError(_("回放的开始必须早于结束，也早于现在"), where="from", todo=_("请选择过去的一段时间。"))
    levels = levels_here(store)
    level = given.get("level") or default_level(levels)
    if level not in levels:
        raise QuestionError(_("这里没有这一层级的边界"), where=level, todo=_("请选择其他层级，或先导入边界。"))
    figure = given.get("figure") or "open"
    if figure not in COLOURED:
        raise QuestionError(_("没有这个指标"), where=figure, todo=", ".join(COLOURED))
    places = ground(store, "period_end", Period(start, end).last_day(store.zone)).places
    within = _within(places, given.get("place") or None, level)
    return Asked(Playback(level, start, end, within), places, figure)


def _to_millis(moment: datetime) -> datetime:
    """Rounded down to what a browser counts in."""
    return moment.replace(microsecond=moment.microsecond // 1000 * 1000)


def _within(places: Places, code: str | None, level: str) -> str | None:
    """The code of the place it is about; of the whole district none. A wall stays in its own."""
    own = [place.place_id for place in acting().places if place.level != "district"]
    if code is None and own:
        code = str(places.code[places.row_of[own[0]]])
    if code is None:
        return None
    place, found = places.find(code, level)
    if own and not any(place in places.inside(one).tolist() for one in own):
        raise Refused(_("大屏只能回放本处的案件"), where=code)
    return None if found == "district" else code


def levels_inside(asked: Asked, store: Store) -> list[str]:
    """The levels that can be coloured: those below the place, and its own."""
    _code, _name, level = asked.place
    return [one for one in levels_here(store) if one in LISTED and LEVELS.index(one) >= LEVELS.index(level)]


def link(
    start: datetime, end: datetime, *, place: str = "", minutes: float = 0, speed: float = 0, wall: bool = False
) -> str:
    """The address of a playback: at a speed, or so fast that it lasts so many minutes. wall: that of a wall's page of the place (its
    code must be named): full screen, without controls, from the beginning again and again."""
    fast = speed or max(1.0, (end - start).total_seconds() / 60 / (minutes or 3))
    parts = {"place": "" if wall else place, "from": _written(start), "to": _written(end), "speed": f"{fast:.4g}"}
    asked = urlencode({name: value for name, value in parts.items() if value}, safe=":")
    return f"/wall/{place}{PATH}?{asked}" if wall else f"{PATH}?{asked}"


def _written(moment: datetime) -> str:
    return moment.replace(tzinfo=None).isoformat(timespec="seconds" if moment.second else "minutes")
