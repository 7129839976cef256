"""What is coloured: a figure's values, or how they differ from what they are held against.

A difference is the value less the other value, of the shrunk values where those are coloured; it rests on the smaller of the two n, and
where that is too small the place is hatched. Seen after the same lapse of time, as everywhere.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from dashboard.heatmap.choice import Choice
from dashboard.languages import _
from dashboard.one_map.values import Values, believed_values, values
from dashboard.questions import Asked, kept
from data.errors import QuestionError
from data.figures import CATALOGUE
from data.on_map import oldest_report
from data.rankings import peers_value
from data.targets import leader

if TYPE_CHECKING:
    from data.store import Store

Numbers = npt.NDArray[np.float64]
BEGUN = timedelta(days=1)  # a store may begin in the course of a period's first day


@dataclass(frozen=True, eq=False)
class Compared:
    """Places in the order of their codes. shown: what is coloured (NaN: none, or too few); value: what is told, also where there are
    too few; n: cases it rests on; whole: the district's value, which classes of shares turn around; differs: whether it is a difference;
    target: what the figure should reach, as somebody wrote it or the deployment has it."""

    places: Values
    shown: Numbers
    value: Numbers
    n: Numbers
    whole: float | None
    differs: bool
    target: float | None = None


def compared(store: Store, choice: Choice, asked: Asked) -> Compared:
    """The values of a choice. Raises QuestionError, NotFound."""
    within = choice.within or None
    places = values(store, asked, within=within)
    whole = values(store, asked, level="district")
    district = whole.of(whole.codes[0]) if whole.codes else None
    places = believed_values(store, asked, places, district, within)
    if choice.against == "none":
        target = stated_target(store, choice, asked.figure)
        return Compared(places, places.coloured, places.value, places.cases, district, differs=False, target=target)
    other, n = held_against(store, choice, asked, places)
    few = (
        np.minimum(places.cases, n) < places.fewest
        if places.denominator is not None
        else places.cases + n < places.fewest
    )
    own = places.value if places.score is None else places.score
    target = stated_target(store, choice, asked.figure) if choice.against == "target" else None
    off = own - other
    return Compared(places, np.where(few, np.nan, off), off, places.cases, district, differs=True, target=target)


def held_against(store: Store, choice: Choice, asked: Asked, places: Values) -> tuple[Numbers, Numbers]:
    """The other value of each place, and what it rests on."""
    if choice.against in ("before", "year"):
        return _earlier(store, choice, asked, places)
    everything = np.full(len(places.codes), np.inf)
    if choice.against == "target":
        return np.full(len(places.codes), target_of(store, choice, asked.figure)), everything
    question = asked.question(only=asked.figure, within=choice.within or None)
    key = (str(store.path), store.version, "peers", question)
    peers = kept(key, lambda: peers_value(store, question, asked.figure))
    return peers[: len(places.codes)], everything


def _earlier(store: Store, choice: Choice, asked: Asked, places: Values) -> tuple[Numbers, Numbers]:
    within = choice.within or None
    then = asked.earlier() if choice.against == "before" else asked.year_earlier()
    oldest = kept((str(store.path), store.version, "oldest"), lambda: oldest_report(store))
    if oldest is None or then.period.start + BEGUN < oldest:  # nobody counted then: no data, not zero
        return np.full(len(places.codes), np.nan), np.zeros(len(places.codes))
    found = believed_values(store, then, values(store, then, within=within), None, within)
    shown = found.value if found.score is None else found.score
    number = {code: i for i, code in enumerate(found.codes)}
    at = np.array([number.get(code, -1) for code in places.codes], dtype=np.int64)
    if not len(found.codes):
        return np.full(len(at), np.nan), np.zeros(len(at))
    return np.where(at >= 0, shown[at], np.nan), np.where(at >= 0, found.cases[at], 0.0)


def target_of(store: Store, choice: Choice, figure: str) -> float:
    """The target in the figure's own unit. Raises QuestionError where none is set and none was written."""
    found = stated_target(store, choice, figure)
    if found is None:
        raise QuestionError(_("这个指标没有设目标"), where="target", todo=_("请填写目标值，或在 leader.toml 中设定。"))
    return found


def stated_target(store: Store, choice: Choice, figure: str) -> float | None:
    """The target somebody wrote on the page, else the deployment's (`data/leader.toml`)."""
    if choice.target is None:
        return leader(store).target(figure)
    return choice.target / 100 if CATALOGUE[figure].unit == "share" else choice.target
