"""The league table of a level as the bulletin prints it: the one of the rankings' page, with its intervals, shrinkage and ranks.

Units are ranked in the whole district among their peers. The bulletin of a street shows those inside it (of units,
those with cases in it), with the ranks they have there.
"""

from __future__ import annotations

from dataclasses import dataclass

from dashboard.bulletin.asking import About
from dashboard.bulletin.content import Column, Span, Table
from dashboard.formats import count, name_of
from dashboard.languages import _
from dashboard.one_map.rail import level_name
from dashboard.rankings.choice import CUSTOM, Choice, of_choice
from dashboard.rankings.league import League, Row, group_name, league, rows
from dashboard.rankings.said import method
from data.figures import CATALOGUE
from data.rankings import SUBJECTS
from data.store import Store


@dataclass(frozen=True)
class Standing:
    """The rows of a league table, the first rank first. named: who is ranked, with the peers where there are several kinds."""

    figure: str
    level: str
    named: str
    minimum: int
    method: str
    ranked: int  # in the whole district
    rows: tuple[Row, ...]


def standing(store: Store, about: About, level: str, figure: str) -> Standing | None:
    """The standing of a level's units; of peers of several kinds the most numerous. None of levels that have no league table."""
    if level not in SUBJECTS:
        return None
    first, last = about.period.start.date(), about.period.last_day(store.zone)
    asked = of_choice(
        store, Choice(subject=level, figure=figure, period=CUSTOM, range=(first, last)), about.asked.as_of
    )
    found = league(store, asked)
    busy = [row for row in about.rows(store, level) if row.n or row.figures["due"].value]
    inside = {row.place for row in busy} if about.code else None
    shown = tuple(row for row in rows(found) if inside is None or row["code"] in inside)
    said = _("；").join(str(one.children) for one in method(asked, found))
    return Standing(figure, level, _named(found, level), found.table.minimum, said, found.group.ranked, shown)


def _named(found: League, level: str) -> str:
    if len(found.table.groups) == 1:
        return level_name(level)
    return _("{level}（{kind}）").format(level=level_name(level), kind=group_name(found))


def standing_table(found: Standing) -> Table:
    """Ranks with their intervals, value, 95 % interval and shrunk value. Units without cases are left out."""
    definition = CATALOGUE[found.figure]
    title = name_of(definition.zh, definition.en)
    columns = (
        Column(_("名次"), "rank", 0.6), Column(found.named, wide=1.9), Column(title, definition.unit), Column("n", "cases", 0.7),
        Column(_("95% 区间"), definition.unit, 1.2), Column(_("收缩值"), definition.unit), Column(_("名次区间"), "rank", 0.8),
        Column(_("上期名次"), "rank", 0.8),
    )  # fmt: skip
    lines = tuple(
        (
            row["rank"], row["name"], row["value"], row["n"], span(row["low"], row["high"]), row["score"],
            span(row["rank_low"], row["rank_high"]), row["before"],
        )
        for row in found.rows
        if row["value"] is not None
    )  # fmt: skip
    note = _("按收缩值在全区 {n} 个之间排名；少于 {least} 件的只列出、不排名。{method}。").format(
        n=count(found.ranked), least=found.minimum, method=found.method
    )
    return Table(
        f"ranks_{found.level}", _("{level}{figure}排名").format(level=found.named, figure=title), columns, lines, note
    )


def span(low: float | None, high: float | None) -> Span | None:
    """An interval, where there is one."""
    return None if low is None or high is None else Span(low, high)
