"""What the page of forecasts shows, as its address says it, and the rows that answers."""

from __future__ import annotations

from dataclasses import dataclass, replace
from urllib.parse import parse_qs, urlencode

from scipy import stats

from data.errors import NotFound
from data.forecasting import HORIZONS
from data.forecasts import Coming, coming, coming_in_grids
from data.measures import place_of
from data.on_map import place_by_code
from data.store import Store

BY = ("community", "category", "both")
PATH = "/leader/coming"
FALSE = 0.05  # share of the marked places that may be marked by chance
MOST = 400  # rows on the page


@dataclass(frozen=True)
class Choice:
    """horizon: days; by: how the district is split; community: code of the one that is opened; category: the one its grids are shown of,
    "*" for all together."""

    horizon: int = 7
    by: str = "community"
    community: str = ""
    category: str = ""

    @property
    def address(self) -> str:
        """The page with this choice."""
        return f"{PATH}?{self.query}"

    @property
    def query(self) -> str:
        """The choice as an address has it."""
        said = {"horizon": self.horizon, "by": self.by, "community": self.community, "category": self.category}
        return urlencode({name: value for name, value in said.items() if value})

    def but(self, **other: object) -> Choice:
        """The same but for this."""
        return replace(self, **other)  # type: ignore[arg-type]


def of_search(search: str) -> Choice:
    """The choice an address holds; what makes no sense keeps its first value."""
    given = {name: values[-1] for name, values in parse_qs(search.lstrip("?")).items()}
    horizon = next((one for one in HORIZONS if str(one) == given.get("horizon")), HORIZONS[0])
    by = given.get("by", BY[0])
    return Choice(horizon, by if by in BY else BY[0], given.get("community", ""), given.get("category", ""))


def rows_of_choice(store: Store, choice: Choice) -> list[Coming]:
    """The rows: of the district, of one community by category, or of its grids. Raises NotFound."""
    if not choice.community:
        return coming(store, choice.horizon, by=choice.by)
    community = place_of(store, "community", choice.community)
    if not choice.category:
        return coming(store, choice.horizon, by="category", community_id=community)
    return coming_in_grids(store, choice.horizon, community, None if choice.category == "*" else choice.category)


def above_expected(rows: list[Coming]) -> set[tuple[str, str | None]]:
    """Code and category of those with clearly more tickets in the last seven days than were expected: the probability of so many by chance
    survives Benjamini and Hochberg's control of false discoveries over all rows listed."""
    told = [row for row in rows if row.chance is not None and row.came is not None and row.awaited is not None]
    if not told:
        return set()
    kept = stats.false_discovery_control([row.chance for row in told])
    return {
        (row.code, row.category)
        for row, q in zip(told, kept, strict=True)
        if q <= FALSE and (row.came or 0) > (row.awaited or 0)
    }


def community_name(store: Store, code: str) -> str:
    """Raises NotFound."""
    place = place_by_code(store, code)
    if place is None:
        raise NotFound("there is no such place.", where=code)
    return str(place["name"])
