"""Who works in the demo district: departments, street offices, communities' teams, property companies, and what each answers for.

The responsibility list is written from the same table that the made-up dispatcher goes by, so a ticket that went to the
wrong unit first (退单) is wrong by the list as well.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from data.responsibilities import RESPONSIBILITIES, UNITS
from etl.demo_categories import CATEGORIES
from etl.demo_spots import Ground, Rows

CENTRE = "区城市运行管理中心"
OFFICES = ("党群工作办", "平安建设办", "社会事务办", "经济发展办", "综合行政执法队", "应急办")
TEAMS = (
    ("居委会", "community", "community"),
    ("网格巡查队", "patrol", "grid"),
    ("微网格服务队", "micro", "micro_grid"),
)
# Kinds of unit whose work differs in pace: how far apart the slow and the quick are.
SPREAD = {"department": 0.13, "street": 0.15, "community": 0.2, "patrol": 0.17, "micro": 0.17, "property": 0.3}
FAILING = (1.9, 1.8)  # how much slower, and how much more careless, than they would be
PLACES = 0.12  # how far apart communities are as places to work in


@dataclass(frozen=True)
class Units:
    """All units, and who answers for what.

    lead: unit row of each category (row) and community (column). property: unit row of each company. upper: the unit each
    one's late cases are escalated to. pace: factor on the time it takes; care: factor on what goes wrong.
    """

    table: pa.Table
    kind: list[str]
    lead: Rows
    property: Rows
    upper: Rows
    pace: npt.NDArray[np.float64]
    care: npt.NDArray[np.float64]
    by_estate: npt.NDArray[np.bool_]  # categories whose lead is the estate's company
    place_pace: npt.NDArray[np.float64]  # of each community

    def local_pace(self, ground: Ground, community: Rows, estate: Rows) -> npt.NDArray[np.float64]:
        """How much longer things take there, whoever does them: the community, and a company that opens no doors."""
        company = np.where(estate >= 0, ground.company[estate], -1)
        care = np.where(company >= 0, self.care[self.property[company]] if len(self.property) else 1.0, 1.0)
        return np.asarray(self.place_pace[community] * care**0.2)

    def answering(self, ground: Ground, category: Rows, community: Rows, estate: Rows) -> Rows:
        """The unit in the lead for cases of a category at a place."""
        lead = self.lead[category, community]
        company = np.where(estate >= 0, ground.company[estate], -1)
        managed = self.by_estate[category] & (company >= 0)
        return np.where(managed, self.property[company] if len(self.property) else lead, lead)


def make_units(ground: Ground, seed: int) -> Units:
    """The units of a ground; the same seed gives the same ones."""
    rows: list[dict[str, object]] = []
    row_of: dict[tuple[str, int], int] = {}

    def add(key: tuple[str, int], code: str, name: str, kind: str, level: str, place: int) -> None:
        row_of[key] = len(rows)
        rows.append({"code": code, "name": name, "kind": kind, "level": level, "place_id": place})

    departments = sorted({one.lead.split(":")[1] for one in CATEGORIES if one.lead.startswith("dept:")})
    for number, name in enumerate((CENTRE, *departments), start=1):
        add((name, -1), f"D{number:02d}", name, "department", "district", ground.district)
    for at, name in enumerate(ground.streets.names):
        for number, office in enumerate(OFFICES, start=1):
            place = int(ground.streets.ids[at])
            add((office, at), f"S{at + 1:02d}{number:02d}", f"{name}{office}", "street", "street", place)
    for at, name in enumerate(ground.communities.names):
        place = int(ground.communities.ids[at])
        for number, (team, kind, level) in enumerate(TEAMS, start=1):
            add((kind, at), f"C{at + 1:03d}{number}", f"{name}{team}", kind, level, place)
    for at, (code, name) in enumerate(zip(ground.companies.codes, ground.companies.names, strict=True)):
        add(("property", at), f"W-{code}", name, "property", "grid", ground.district)
    kinds = [str(row["kind"]) for row in rows]
    pace, care = _quality(kinds, seed)
    return Units(
        pa.Table.from_pylist(rows, schema=UNITS),
        kinds,
        _leads(ground, row_of),
        np.array([row_of["property", at] for at in range(len(ground.companies.names))], dtype=np.int64),
        _uppers(ground, row_of, len(rows)),
        pace,
        care,
        np.array([one.lead == "property" for one in CATEGORIES]),
        np.exp(PLACES * np.random.default_rng([seed, 6]).standard_normal(len(ground.communities.names))),
    )


def responsibilities(ground: Ground, units: Units, unit_ids: Rows, category_ids: Rows) -> pa.Table:
    """The list as rows of RESPONSIBILITIES: districts for departments, then streets, communities, estates."""
    lines: list[tuple[int, int, int]] = []
    for row, one in enumerate(CATEGORIES):
        if one.lead.startswith("dept:"):
            lines.append((row, ground.district, int(units.lead[row, 0])))
        elif one.lead.startswith("street:"):
            first = {int(street): at for at, street in reversed(list(enumerate(ground.communities.above)))}
            lines += [(row, int(ground.streets.ids[s]), int(units.lead[row, at])) for s, at in sorted(first.items())]
        else:
            lines += [(row, int(place), int(units.lead[row, at])) for at, place in enumerate(ground.communities.ids)]
        if one.lead == "property":
            managed = np.flatnonzero(ground.company >= 0)
            lines += [(row, int(ground.estates.ids[e]), int(units.property[ground.company[e]])) for e in managed]
    category, place, unit = np.array(lines, dtype=np.int64).T
    return pa.table(
        {
            "category_id": category_ids[category].astype(np.int32),
            "place_id": place.astype(np.int32),
            "unit_id": unit_ids[unit].astype(np.int32),
            "part": np.full(len(category), "lead"),
        }
    ).cast(RESPONSIBILITIES)


def _leads(ground: Ground, row_of: dict[tuple[str, int], int]) -> Rows:
    """Unit row by category and community; a property company's category falls to the community where none manages."""
    communities = range(len(ground.communities.names))
    lead = np.zeros((len(CATEGORIES), len(communities)), dtype=np.int64)
    for row, one in enumerate(CATEGORIES):
        word, _, name = one.lead.partition(":")
        if word == "dept":
            lead[row] = row_of[name, -1]
        elif word == "street":
            lead[row] = [row_of[name, int(ground.communities.above[at])] for at in communities]
        else:
            lead[row] = [row_of["community" if word == "property" else word, at] for at in communities]
    return lead


def _uppers(ground: Ground, row_of: dict[tuple[str, int], int], count: int) -> Rows:
    upper = np.full(count, row_of[CENTRE, -1], dtype=np.int64)
    for (kind, at), row in row_of.items():
        if kind in ("community", "patrol", "micro"):
            upper[row] = row_of["社会事务办", int(ground.communities.above[at])]
        elif kind == "property":
            upper[row] = row_of["住房和城乡建设局", -1]
    return upper


def _quality(kinds: list[str], seed: int) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    """Pace and care of each unit: the slow are mostly the careless as well."""
    luck = np.random.default_rng([seed, 2])
    spread = np.array([SPREAD[kind] for kind in kinds])
    slow = luck.standard_normal(len(kinds))
    pace = np.exp(spread * slow)
    care = np.exp(2.2 * spread * (0.75 * slow + 0.66 * luck.standard_normal(len(kinds))))
    failing = _failing(kinds, care)
    pace[failing] *= FAILING[0]
    care[failing] *= FAILING[1]
    return pace, care


def _failing(kinds: list[str], care: npt.NDArray[np.float64]) -> Rows:
    """The few property companies that do next to nothing: the worst of twenty-five."""
    companies = np.flatnonzero(np.array(kinds) == "property")
    return np.asarray(companies[np.argsort(-care[companies], kind="stable")[: len(companies) // 25]])
