"""The demo's world as it is worked in: ground, units, rhythm and the ids they have in the store, and tickets as histories.

Made anew from the store and the row that says what it was built from, so the runner needs nothing that was kept in memory.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from data.atlas import atlases, tree
from data.calendars import calendar
from data.histories import ADDRESSES, CALL_BACKS, CASES, LINES, PLACES, History
from data.quality import Quality
from data.responsibilities import CATEGORIES as CATEGORY_ROWS
from data.responsibilities import ids_by_code, put_categories, put_responsibilities, put_units
from data.staging import INSTANT
from data.store import Store
from etl.addressing import AddressReader, Known, addressed, joined
from etl.alias_file import read_aliases
from etl.demo_addresses import Teller
from etl.demo_categories import CATEGORIES, CHANNELS, GROUPS
from etl.demo_draws import Chance, Drawn, Draws, Spread
from etl.demo_lives import ACTIONS, NEVER, ROLES, SATISFACTION, Lives, Masks, Times, live
from etl.demo_rhythm import Rhythm
from etl.demo_spots import Ground, Rows, read_ground
from etl.demo_units import Units, make_units, responsibilities
from etl.locate import Locator

SOURCE = "simulation"
UNPOINTED = 0.13  # of the tickets about homes that people tell come with an address and no coordinates
TOLD = np.array([True, False, True, True, False])  # by channel: told by people
WANDER = 2.5  # metres a point is off


@dataclass(frozen=True)
class World:
    """Everything tickets are made from. unit_ids, category_ids: the store's, by row."""

    ground: Ground
    units: Units
    rhythm: Rhythm
    draws: Draws
    unit_ids: Rows
    category_ids: Rows
    locators: tuple[tuple[int, Locator], ...]
    teller: Teller
    reader: AddressReader
    shift: tuple[float, float, float, float]

    def lives(self, drawn: Drawn) -> Lives:
        """The lives of some tickets."""
        return live(drawn, self.ground, self.units, self.rhythm.days)

    def unpointed(self, drawn: Drawn) -> Masks:
        """Which tickets come with an address text instead of coordinates."""
        home = (self.ground.numbers[drawn.point, 0] > 0) & (self.ground.estate[drawn.point] >= 0)
        return np.asarray(home & TOLD[drawn.channel] & (drawn.chance[:, Chance.ADDRESS] < UNPOINTED))

    def history(self, drawn: Drawn, lives: Lives, first: int, until: int) -> History:
        """The tickets as cases, numbered from `first`, with what happened to them by an instant (microseconds UTC)."""
        numbers = np.arange(first, first + len(drawn))
        cases, addresses = self._addressed(self._cases(drawn, numbers), drawn)
        cases, places = self._placed(cases)
        lines = lines_of(lives, lives.at <= until, numbers, self.unit_ids)
        call_backs = call_backs_of(lives, lives.called_at <= until, numbers)
        return History(cases, lines, call_backs, places, addresses)

    def texts(self, drawn: Drawn) -> pa.Table:
        """The address of every ticket without coordinates among those drawn, with the truth (etl/demo_addresses.py)."""
        rows = self.unpointed(drawn)
        return self.teller.texts(drawn.name[rows], drawn.point[rows])

    def _addressed(self, cases: pa.Table, drawn: Drawn) -> tuple[pa.Table, pa.Table]:
        """The cases with what their addresses mean, read as an import reads them, and what became of each address."""
        rows = self.unpointed(drawn)
        texts, at = self.texts(drawn)["text"].combine_chunks(), pa.array(rows)
        named = cases["named_place"].combine_chunks()
        read = self.reader.read(texts, named.filter(at))
        told = pc.replace_with_mask(named, at, joined(read["address_place"], named.filter(at)))
        numbers = pa.table({"row_number": cases["number"].filter(at), **read})
        matches = addressed(numbers, np.zeros(len(texts), dtype=bool)).rename_columns(ADDRESSES.names)
        return cases.set_column(CASES.get_field_index("named_place"), "named_place", told), matches

    def _cases(self, drawn: Drawn, numbers: Rows) -> pa.Table:
        ground, point = self.ground, drawn.point
        blank = self.unpointed(drawn)
        x = np.round(ground.x[point] + WANDER * np.clip(drawn.spread[:, Spread.EAST], -2, 2), 2)
        y = np.round(ground.y[point] + WANDER * np.clip(drawn.spread[:, Spread.NORTH], -2, 2), 2)
        lon, lat = self._degrees(x, y, point)
        community = ground.community[point]
        names = [
            f"community={name}|street={ground.streets.names[ground.communities.above[at]]}"
            for at, name in enumerate(ground.communities.names)
        ]
        tracks = [one.track for one in CATEGORIES]
        return pa.table(
            {
                "number": numbers,
                "external_id": drawn.name,
                "kind": np.full(len(drawn), "event"),
                "track": pa.DictionaryArray.from_arrays(drawn.category.astype(np.int32), tracks).cast(pa.string()),
                "channel": pa.DictionaryArray.from_arrays(drawn.channel.astype(np.int32), list(CHANNELS)).cast(
                    pa.string()
                ),
                "category_id": self.category_ids[drawn.category].astype(np.int32),
                **{n: pa.array(v, mask=blank) for n, v in (("lon", lon), ("lat", lat), ("x", x), ("y", y))},
                "named_place": pa.DictionaryArray.from_arrays(community.astype(np.int32), names).cast(pa.string()),
                "on_time_source": np.full(len(drawn), "dates"),
                "flags": np.zeros(len(drawn), dtype=np.int32),
            }
        ).cast(CASES)

    def _degrees(self, x: np.ndarray, y: np.ndarray, point: Rows) -> tuple[np.ndarray, np.ndarray]:
        """Degrees of a point moved by a few metres: the map is straight over so little."""
        dlon_x, dlon_y, dlat_x, dlat_y = self.shift
        dx, dy = x - self.ground.x[point], y - self.ground.y[point]
        lon = self.ground.lon[point] + dlon_x * dx + dlon_y * dy
        lat = self.ground.lat[point] + dlat_x * dx + dlat_y * dy
        return np.round(lon, 7), np.round(lat, 7)

    def _placed(self, cases: pa.Table) -> tuple[pa.Table, pa.Table]:
        """The cases, flagged where a point lies outside, and where they lie in every atlas: by the code that places an
        import's rows."""
        lon, lat = (cases[name].to_numpy(zero_copy_only=False) for name in ("lon", "lat"))
        found, outside = [], np.zeros(cases.num_rows, dtype=bool)
        for atlas_id, locator in self.locators:
            located = locator.locate(lon, lat, cases["named_place"])
            outside |= located.outside
            table, count = located.table, cases.num_rows
            table = table.append_column("atlas_id", pa.array(np.full(count, atlas_id, np.int32)))
            found.append(table.append_column("number", cases["number"]).select(PLACES.names))
        flags = pa.array(outside * np.int32(Quality.OUTSIDE), pa.int32())
        return cases.set_column(CASES.get_field_index("flags"), "flags", flags), pa.concat_tables(found)


def make_world(store: Store, *, seed: int, begins: date, total: int, new: bool = False) -> World:
    """The world of a store. new: its units, categories and responsibilities are written first."""
    ground = read_ground(store)
    units = make_units(ground, seed)
    categories = category_rows()
    units_known = put_units(store, units.table) if new else ids_by_code(store, "unit")
    known = put_categories(store, categories) if new else ids_by_code(store, "category")
    unit_ids = np.array([units_known[code] for code in units.table["code"].to_pylist()], dtype=np.int64)
    category_ids = np.array([known[one.code] for one in CATEGORIES], dtype=np.int64)
    if new:
        put_responsibilities(store, responsibilities(ground, units, unit_ids, category_ids))
    rhythm = Rhythm(calendar(store.deployment.calendar, store.deployment.zone), seed, begins, total)
    trees = {one.atlas_id: tree(store, one.atlas_id) for one in atlases(store, current=True)}
    reader = AddressReader(Known([*trees.values()], read_aliases(store.home, [*trees.values()])))
    return World(
        ground=ground,
        units=units,
        rhythm=rhythm,
        draws=Draws(ground, units, rhythm),
        unit_ids=unit_ids,
        category_ids=category_ids,
        locators=tuple((atlas_id, Locator(table)) for atlas_id, table in trees.items()),
        teller=Teller(ground, seed),
        reader=reader,
        shift=_slopes(ground),
    )


def category_rows() -> pa.Table:
    """The tree of categories: groups, then what lies in them."""
    codes = {name: f"{number:02d}" for number, (name, _) in enumerate(GROUPS.values(), start=1)}
    groups = [{"code": codes[name], "name": name, "track": track} for name, track in GROUPS.values()]
    leaves = [
        {
            "code": one.code,
            "name": one.name,
            "parent_code": codes[one.group],
            "track": one.track,
            "sla_hours": one.hours,
            "sla_clock": one.clock,
        }
        for one in CATEGORIES
    ]
    return pa.Table.from_pylist([*groups, *leaves], schema=CATEGORY_ROWS)


def lines_of(lives: Lives, chosen: Masks, numbers: Rows, unit_ids: Rows) -> pa.Table:
    """Some lines of lives as rows of LINES."""
    seq = lives.seq()[chosen]
    slot = lives.slot[chosen].astype(np.int32)
    return pa.table(
        {
            "number": numbers[lives.ticket[chosen]],
            "seq": seq.astype(np.int16),
            "occurred_at": instants(lives.at[chosen]),
            "recorded_at": pa.nulls(len(slot), INSTANT),
            "action": pa.DictionaryArray.from_arrays(slot, ACTIONS).cast(pa.string()),
            "stage": pa.nulls(len(slot), pa.string()),
            "due_at": instants(lives.due[chosen]),
            "handle_due_at": instants(lives.handle_due[chosen]),
            "unit_id": _ids(unit_ids, lives.unit[chosen]),
            "by_role": pa.DictionaryArray.from_arrays(slot, ROLES).cast(pa.string()),
            "by_unit": _ids(unit_ids, lives.by_unit[chosen]),
        }
    ).cast(LINES)


def call_backs_of(lives: Lives, chosen: Masks, numbers: Rows) -> pa.Table:
    """Some call-backs of lives as rows of CALL_BACKS."""
    contacted = lives.contacted[chosen]
    return pa.table(
        {
            "number": numbers[lives.called_ticket[chosen]],
            "completed_at": instants(lives.called_at[chosen]),
            "contacted": contacted,
            "resolved": pa.array(lives.resolved[chosen], mask=~contacted),
            "satisfaction": _words(SATISFACTION, lives.satisfaction[chosen], contacted),
            "by_role": np.full(int(chosen.sum()), "hotline"),
        }
    ).cast(CALL_BACKS)


def instants(times: Times) -> pa.Array:
    """Microseconds UTC as instants; NEVER is null."""
    return pa.array(times, pa.int64(), mask=times == NEVER).cast(pa.timestamp("us")).cast(INSTANT)


def micros(moment: datetime) -> int:
    """An instant in microseconds UTC."""
    return round(moment.timestamp() * 1_000_000)


def _ids(ids: Rows, rows: Rows) -> pa.Array:
    return pa.array(ids[rows], pa.int32(), mask=rows < 0)


def _words(words: tuple[str, ...], at: Rows, there: Masks) -> pa.Array:
    return pa.DictionaryArray.from_arrays(pa.array(at.astype(np.int32), mask=~there), list(words)).cast(pa.string())


def _slopes(ground: Ground) -> tuple[float, float, float, float]:
    """Degrees a metre to the east and to the north, by least squares over the ground."""
    ones = np.column_stack([ground.x - ground.x.mean(), ground.y - ground.y.mean(), np.ones(len(ground.x))])
    (lx, ly, _), (ax, ay, _) = (np.linalg.lstsq(ones, v, rcond=None)[0] for v in (ground.lon, ground.lat))
    return float(lx), float(ly), float(ax), float(ay)
