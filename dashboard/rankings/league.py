"""The league table of a choice, from memory while nothing was written since; and which group of peers is shown."""

from __future__ import annotations

from dataclasses import dataclass
from math import isnan
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dashboard.formats import count
from dashboard.languages import _
from dashboard.one_map.placecard import KINDS
from dashboard.questions import kept
from dashboard.rankings.choice import LARGEST, OTHER, TOGETHER, Asked
from data.intervals import Column
from data.peers import ALL
from data.rankings import Group, Ranking, ranking
from data.store import Store

Row = dict[str, Any]


@dataclass(frozen=True, eq=False)
class League:
    """A table and the group that is shown: its number, and where its units stand in the columns, the first rank first and
    those without one below, most cases first."""

    table: Ranking
    number: int
    own: NDArray[np.int64]

    @property
    def group(self) -> Group:
        """The peers."""
        return self.table.groups[self.number]


def league(store: Store, asked: Asked) -> League:
    """The table of a choice. Raises QuestionError, NotFound."""
    apart = asked.choice.peers != TOGETHER
    table = kept(
        (str(store.path), store.version, "ranking", asked.question, asked.before, apart),
        lambda: ranking(store, asked.question, asked.choice.figure, before=asked.before, peers=apart),
    )
    number = shown(table, asked.choice.peers)
    own = np.flatnonzero(table.group == number)
    order = np.lexsort((-table.samples.n[own], np.nan_to_num(table.rank[own], nan=np.inf)))
    return League(table, number, own[order])


def shown(table: Ranking, peers: str) -> int:
    """The group asked for; where there is none of that name, the largest."""
    names = [group.name or OTHER for group in table.groups]
    if peers in names:
        return names.index(peers)
    return max(range(len(names)), key=lambda i: table.groups[i].units)


def group_name(found: League) -> str:
    """The peers in words."""
    return kind_name(found.group.name, found.table.question.level)


def kind_name(kind: str, level: str) -> str:
    """A group of peers of a level in words."""
    if kind == ALL:
        return _("一般网格") if level == "grid" else _("其他")
    return _(KINDS.get(kind, kind))


def groups(found: League, peers: str) -> list[dict[str, str]]:
    """The choices of the control: each group with how many units it has, the largest first, and all together."""
    together = {"value": TOGETHER, "label": _("不分类，全部一起")}
    if peers == TOGETHER:
        return [{"value": LARGEST, "label": _("与同类比较")}, together]
    kinds, level = sorted(found.table.groups, key=lambda one: -one.units), found.table.question.level
    if len(kinds) == 1:
        return [{"value": kinds[0].name or OTHER if peers not in (LARGEST, TOGETHER) else LARGEST, "label": _("全部")}]
    listed = [
        {"value": kind.name or OTHER, "label": f"{kind_name(kind.name, level)} · {count(kind.units)}"} for kind in kinds
    ]
    if peers != listed[0]["value"]:
        listed[0]["value"] = LARGEST
    return [*listed, together]


def rows(found: League) -> list[Row]:
    """What the table of the screen and every file show, a row a unit."""
    table, own = found.table, found.own
    units = table.units
    columns: dict[str, list[Any]] = {
        "code": [units.codes[i] for i in own],
        "name": [units.names[i] for i in own],
        "rank": plain(table.rank[own]),
        "rank_low": plain(table.rank_low[own]),
        "rank_high": plain(table.rank_high[own]),
        "before": plain(table.before[own]),
        "moved": plain(table.before[own] - table.rank[own]),
        "value": plain(table.samples.value[own]),
        "low": plain(table.low[own]),
        "high": plain(table.high[own]),
        "score": plain(table.score[own]),
        "n": plain(table.samples.n[own]),
        "gap": plain(table.cases_to_tenth[own]),
        "tenth": table.tenth[own].tolist(),
        "excluded": plain(table.samples.excluded[own]),
        "excluded_calls": plain(table.samples.excluded_calls[own]),
    }
    return [dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True)]


def plain(column: Column) -> list[float | None]:
    """Numbers as they are sent: NaN as null, no more digits than anybody reads."""
    return [None if isnan(x) else int(x) if x == int(x) else round(x, 6) for x in column.tolist()]
