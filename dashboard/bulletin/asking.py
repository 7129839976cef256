"""Which period, place and moment a bulletin is about, and the questions that follow from it: those of the screen."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from typing import Any

from dashboard import choice as choices
from dashboard.languages import _, language
from dashboard.one_map.headlines import covered
from dashboard.questions import Asked, ask, levels_here, resolve
from data.errors import InputError
from data.figure_places import LISTED
from data.figures import CATALOGUE, Filter, PlaceFigures, Question
from data.on_map import oldest_report, place_by_code
from data.periods import Period, parse_period
from data.store import Store

PLACES = ("district", "street")  # what a bulletin can be about
BELOW = {"district": ("street", "community", "grid"), "street": ("community", "grid", "micro_grid")}


@dataclass(frozen=True)
class About:
    """What a bulletin is about. code: empty is the district."""

    what: str
    code: str
    place_id: int | None
    place: str
    level: str
    asked: Asked
    oldest: datetime | None

    @property
    def period(self) -> Period:
        """Its period."""
        return self.asked.period

    def question(self, level: str, asked: Asked | None = None) -> Question:
        """About every place of a level inside the bulletin's place; units and categories by the cases inside it."""
        chosen = asked or self.asked
        if not self.code:
            return chosen.question(level)
        if level in LISTED:
            return replace(chosen.question(level), filters=(*chosen.filters, Filter("place", (self.code,))))
        return chosen.question(level, within=self.code)

    def rows(
        self, store: Store, level: str, asked: Asked | None = None, only: tuple[str, ...] | None = None
    ) -> list[PlaceFigures]:
        """The figures (all, or only these) of every place of a level inside."""
        return ask(store, replace(self.question(level, asked), figures=only))

    def own(self, store: Store, asked: Asked | None = None) -> PlaceFigures:
        """The figures of the bulletin's place itself."""
        rows = self.rows(store, self.level, asked)
        return next((row for row in rows if row.place == self.code), rows[0])

    @property
    def before(self) -> Asked | None:
        """The period before; None where the data do not reach back so far."""
        earlier = self.asked.earlier()
        return earlier if covered(earlier.period, self.oldest) else None

    @property
    def year(self) -> Asked | None:
        """The same days a year before; None where the data do not reach back so far."""
        earlier = self.asked.year_earlier()
        return earlier if covered(earlier.period, self.oldest) else None

    def chosen(self, store: Store, figure: str, level: str) -> Asked:
        """As a screen would ask for one figure on a level."""
        return replace(self.asked, figure=figure, level=level, basis=CATALOGUE[figure].basis_for(None, strict=False)) \
            if level in levels_here(store) else self.asked  # fmt: skip


def about(store: Store, what: str, period: Period, code: str, now: datetime) -> About:
    """A bulletin's questions. now: the moment its figures are taken at. Raises InputError, NotFound."""
    if period.start >= now:
        raise InputError("the period has not begun yet.", where="period")
    found: dict[str, Any] | None = place_by_code(store, code) if code and code != store.deployment.code else None
    if found is not None and found["level"] not in PLACES:
        raise InputError("a bulletin is about the district or a street.", where=code)
    first, last = period.start.astimezone(store.zone).date(), period.last_day(store.zone)
    asked = resolve(store, choices.Choice(period="custom", range=(first, last), as_of=None), now)
    return About(
        what,
        code if found and found["level"] != "district" else "",
        int(found["place_id"]) if found and found["level"] != "district" else None,
        found["name"] if found else store.deployment.name,
        found["level"] if found else "district",
        asked,
        oldest_report(store),
    )


def latest(store: Store, what: str, now: datetime) -> Period:
    """The last whole month or week (from Monday) before now."""
    today = now.astimezone(store.zone).date()
    end = today - timedelta(days=today.weekday()) if what == "weekly" else today.replace(day=1)
    start = end - timedelta(days=7) if what == "weekly" else (end - timedelta(days=1)).replace(day=1)
    return Period(_midnight(start, store), _midnight(end, store))


def period_of(store: Store, what: str, text: str, now: datetime) -> Period:
    """The period written; empty is the last whole one; one day of a week is enough for a weekly bulletin. Raises QuestionError."""
    if not text:
        return latest(store, what, now)
    found = parse_period(text, store.zone)
    if what == "weekly" and found.end - found.start <= timedelta(days=1):
        return latest(store, what, _midnight(_monday_after(found.start.date()), store))
    return found


def kind_of(period: Period) -> str:
    """monthly for a whole month, weekly for seven days, else other."""
    if period.start.day == 1 and period.end == choices.shift(period.start, 1):
        return "monthly"
    return "weekly" if period.end - period.start == timedelta(days=7) else "other"


def period_words(period: Period, what: str) -> str:
    """'2026年5月', '2026年5月18日至24日', 'May 2026', '18–24 May 2026'."""
    first, last = period.start, period.end - timedelta(microseconds=1)
    if what == "monthly":
        return f"{first:%B} {first.year}" if language() == "en" else _("{y}年{m}月").format(y=first.year, m=first.month)
    if language() == "en":
        return f"{first.day} {first:%B} {first.year} to {last.day} {last:%B} {last.year}"
    begun = _("{y}年{m}月{d}日").format(y=first.year, m=first.month, d=first.day)
    return _("{begun}至{ended}").format(begun=begun, ended=_("{m}月{d}日").format(m=last.month, d=last.day))


def day_words(at: datetime) -> str:
    """'2026年6月1日', '1 June 2026'."""
    return (
        f"{at.day} {at:%B} {at.year}"
        if language() == "en"
        else _("{y}年{m}月{d}日").format(y=at.year, m=at.month, d=at.day)
    )


def _monday_after(day: date) -> date:
    return day + timedelta(days=7 - day.weekday())


def _midnight(day: date, store: Store) -> datetime:
    return datetime.combine(day, time(), store.zone)
