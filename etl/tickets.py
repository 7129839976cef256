"""One ticket file from disk to staged and located rows, in two passes, inside a worker process.

The first pass reads, normalises and spools to disk, so that a file that must be refused is refused before anything of
it reaches the store, and memory holds one batch whatever the file's size. The second pass knows all the points,
finds the default ones, and locates.
"""

from __future__ import annotations

import tempfile
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from collections.abc import Mapping as MappingTable
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from data.errors import Cancelled, FileError, TooManyBadRows
from data.progress import Progress, Quiet
from data.quality import Quality
from data.staging import ADDRESSED, PLACED, QUARANTINED, STAGED
from etl.addressing import AddressReader, Known, addressed, census
from etl.batches import TicketFile
from etl.coordinates import WGS84, to_metric, to_wgs84
from etl.faults import summary
from etl.fileoptions import FileOptions, Limits
from etl.gazetteer import Alias
from etl.locate import Located, Locator
from etl.mapping import Mapping
from etl.normalise import SPOOLED, Normaliser
from etl.points import PointCounts, as_points, refuse_off_map
from etl.readers import open_tickets

Floats = npt.NDArray[np.float64]
Mask = npt.NDArray[np.bool_]
Item = tuple[Any, ...]

_SHOWN: Final = 5  # words of a vocabulary named in a warning


@dataclass(frozen=True)
class Context:
    """What the worker must know of the deployment.

    trees: (atlas id, tree of the atlas) of every atlas the cases are located in, the one in force last. calendar:
    name of the working calendar. now: the moment of import, UTC. bad_row_share: above it the file is refused.
    default_points: (longitude, latitude) of those that earlier files of the same source had. aliases: the city's own names
    of places; settled: external id -> place that a person chose for an uncertain address of this source.
    """

    zone: str
    crs: str
    now: datetime
    trees: tuple[tuple[int, pa.Table], ...] = ()
    calendar: str | None = None
    bad_row_share: float = 0.2
    limits: Limits = field(default_factory=Limits)
    default_points: tuple[tuple[float, float], ...] = ()
    aliases: tuple[Alias, ...] = ()
    settled: MappingTable[str, str] = field(default_factory=dict)

    def addresses(self, mapping: Mapping) -> AddressReader | None:
        """What reads the addresses of a file; None where the mapping names none."""
        known = Known([tree for _, tree in self.trees], self.aliases, self.settled)
        return AddressReader(known) if mapping.location.address else None


def read_tickets(
    path: Path,
    mapping: Mapping,
    context: Context,
    *,
    progress: Progress | None = None,
    cancelled: Callable[[], bool] | None = None,
    spool_dir: Path | None = None,
    corrected: bool = False,
) -> Iterator[Item]:
    """Yields ("quarantine", QUARANTINED) and ("staged", STAGED, PLACED, ADDRESSED) tables, at the end ("report", dict).

    Raises FileError, MappingError, TooManyBadRows or Cancelled, the first three before anything is yielded.
    corrected: the file is an export of the quarantine, corrected: a plain CSV of the mapped columns.
    """
    mapping = for_corrected(mapping) if corrected else mapping
    with ExitStack() as cleanup:
        folder = Path(cleanup.enter_context(tempfile.TemporaryDirectory(prefix="tickets-", dir=spool_dir)))
        watch = _Watch(progress or Quiet(), cancelled)
        file = open_tickets(path, mapping.file, limits=context.limits)
        first = _FirstPass(mapping, context, file, folder)
        first.run(watch)
        first.refuse(path.name)
        locators = [(atlas, Locator(tree)) for atlas, tree in context.trees]
        counts = first.points()
        crs = mapping.location.crs
        refuse_off_map(counts, first.unusable, [locator for _, locator in locators], crs, path.name)
        for table in _spooled(folder / "quarantine.arrow"):
            yield "quarantine", table
        second = SecondPass(crs, context.crs, counts.defaults(context.default_points), locators)
        done = 0
        for table in _spooled(folder / "staged.arrow"):
            watch.step("locate", done, first.staged)
            done += table.num_rows
            yield "staged", *second.place(table)
        watch.step("locate", done, first.staged)
        yield "report", first.report() | second.report(counts)


def for_corrected(mapping: Mapping) -> Mapping:
    """The mapping for a corrected export of the quarantine: a CSV of ours, times also in ISO form."""
    fields = {
        name: source.model_copy(update={"format": (*source.format, "iso")}) if source.format else source
        for name, source in mapping.fields.items()
    }
    return mapping.model_copy(update={"file": FileOptions(null=mapping.file.null), "fields": fields})


class _Watch:
    """Progress and both ways to stop."""

    def __init__(self, progress: Progress, cancelled: Callable[[], bool] | None) -> None:
        self._progress, self._cancelled = progress, cancelled

    def step(self, label: str, done: float, total: float) -> None:
        if self._cancelled is not None and self._cancelled():
            raise Cancelled("stopped; nothing was changed")
        self._progress.check()
        self._progress.step(label, done, total)


class _FirstPass:
    """Reads and normalises all rows into two spool files; counts what the refusals need."""

    def __init__(self, mapping: Mapping, context: Context, file: TicketFile, folder: Path) -> None:
        self._file, self._folder, self._context = file, folder, context
        addresses = context.addresses(mapping)
        self._rows = Normaliser(
            mapping,
            file.columns,
            zone=context.zone,
            now=context.now,
            calendar=context.calendar,
            addresses=addresses,
        )
        self._blind = addresses is not None and not addresses.has_estates
        self._lon: list[Floats] = []
        self._lat: list[Floats] = []
        self._rules = Counter[tuple[str, str]]()
        self.read = self.staged = self.quarantined = self.unusable = 0

    def run(self, watch: _Watch) -> None:
        with (
            pa.ipc.new_file(self._folder / "staged.arrow", SPOOLED) as good,
            pa.ipc.new_file(self._folder / "quarantine.arrow", QUARANTINED) as bad,
        ):
            for batch in self._file.batches():
                watch.step("read", self._file.position(), self._file.total_bytes)
                staged, quarantined = self._rows.batch(batch)
                good.write_table(staged)
                bad.write_table(quarantined)
                self._count(staged, quarantined)
        watch.step("read", self._file.total_bytes, self._file.total_bytes)

    def _count(self, staged: pa.Table, quarantined: pa.Table) -> None:
        self.staged += staged.num_rows
        self.quarantined += quarantined.num_rows
        self.read = self.staged + self.quarantined
        columns = quarantined.column("column_name").to_pylist()
        self._rules.update(zip((name or "" for name in columns), quarantined.column("rule").to_pylist(), strict=True))
        self._lon.append(_floats(staged, "lon"))
        self._lat.append(_floats(staged, "lat"))
        flags = staged.column("flags").to_numpy()
        self.unusable += int(np.count_nonzero(flags & int(Quality.BAD_POINT)))

    def points(self) -> PointCounts:
        """All points of the file. May be asked for once; the rows are let go."""
        lon, lat = np.concatenate([*self._lon, []]), np.concatenate([*self._lat, []])
        self._lon, self._lat = [], []
        return PointCounts.of(lon, lat)

    def refuse(self, where: str) -> None:
        if not self.read:
            raise FileError("there are no rows below the header.", where=where, todo="Export it again with its rows.")
        share = self.quarantined / self.read
        if share > self._context.bad_row_share:
            raise TooManyBadRows(
                f"{self.quarantined:,} of {self.read:,} rows cannot be taken ({share:.1%}, the limit is "
                f"{self._context.bad_row_share:.0%}). Nothing was imported. {summary(self._rules)}.",
                where=where,
                todo="Correct the mapping, or raise JINGWEI_BAD_ROW_SHARE if the rows really are bad.",
            )

    def report(self) -> dict[str, Any]:
        return {
            "rows_read": self.read,
            "staged": self.staged,
            "quarantined": self.quarantined,
            "rules": [
                {"column": column, "rule": rule, "rows": rows} for (column, rule), rows in self._rules.most_common()
            ],
            "dropped_columns": self._rows.dropped,
            "encoding": self._file.encoding,
            "delimiter": self._file.delimiter,
            "warnings": [*self._file.warnings, *self._missed()],
        }

    def _missed(self) -> list[str]:
        """What could not be understood: words the vocabularies do not list, addresses where no estate is known."""
        told = []
        if self._blind:
            told.append("no estate is known here, so addresses say no more than the community")
        for name, words in self._rows.missed.items():
            if words:
                shown = ", ".join(f'"{word}" ({rows:,} rows)' for word, rows in words.most_common(_SHOWN))
                told.append(f"{name}: {shown} not listed in [{name}.values], taken as not said")
        return told


class SecondPass:
    """Locates spooled rows and finishes their flags and coordinates."""

    def __init__(self, crs: str, metric: str, defaults: npt.NDArray[np.complex128], locators: list[Any]) -> None:
        self._crs, self._metric, self._defaults, self._locators = crs, metric, defaults, locators
        self._flags = Counter[str]()
        self._located = Counter[str]()
        self._addresses: dict[str, Counter[str]] = defaultdict(Counter)

    def place(self, table: pa.Table) -> tuple[pa.Table, pa.Table, pa.Table]:
        """(STAGED, PLACED, ADDRESSED) of one spooled table."""
        lon, lat = _floats(table, "lon"), _floats(table, "lat")
        default = np.isin(as_points(lon, lat), self._defaults)
        lon, lat = np.where(default, np.nan, lon), np.where(default, np.nan, lat)
        flags = table.column("flags").to_numpy() | _bit(default, Quality.DEFAULT_POINT)
        turned = self._turn(table, lon, lat)
        placed, outside, swapped, unknown = self._locate(table, lon, lat)
        lon, lat = np.where(swapped, lat, lon), np.where(swapped, lon, lat)
        off = (np.abs(lat) > 90) | (np.abs(lon) > 180)
        lon, lat = np.where(off, np.nan, lon), np.where(off, np.nan, lat)
        flags |= _bit(swapped | turned, Quality.SWAPPED) | _bit(off, Quality.BAD_POINT)
        flags |= _bit(outside & ~off, Quality.OUTSIDE) | _bit(unknown, Quality.UNKNOWN_PLACE)
        x, y = to_metric(lon, lat, self._metric)
        self._count(flags)
        new = {"lon": lon, "lat": lat, "x": x, "y": y, "flags": flags}
        staged = pa.table(
            [
                pa.array(new[one.name], one.type, from_pandas=True) if one.name in new else table.column(one.name)
                for one in STAGED
            ],
            schema=STAGED,
        )
        return staged, placed, self._addressed(table, placed)

    def _addressed(self, table: pa.Table, placed: pa.Table) -> pa.Table:
        """ADDRESSED of the rows no point decides; in the atlas in force last."""
        if table["address_given"].null_count == table.num_rows:
            return ADDRESSED.empty_table()
        by_point = np.zeros(table.num_rows, np.bool_)
        if placed.num_rows:
            by_point = pc.equal(placed["located"][-table.num_rows :], "point").to_numpy()
        for name, counts in census(table, by_point).items():
            self._addresses[name].update(counts)
        return addressed(table, by_point)

    def _turn(self, table: pa.Table, lon: Floats, lat: Floats) -> Mask:
        """Exchanged coordinates of a system other than plain degrees, put right in `lon`, `lat` in its own system."""
        turned = np.zeros(len(lon), np.bool_)
        if self._crs == WGS84 or not any(locator.has_shapes for _, locator in self._locators):
            return turned
        lost = np.flatnonzero(np.isfinite(lon) & self._lost(lon, lat))
        if not lost.size:
            return turned
        east, north = _floats(table, "given_east")[lost], _floats(table, "given_north")[lost]
        new_lon, new_lat = to_wgs84(north, east, self._crs)
        right = lost[np.isfinite(new_lon) & ~self._lost(new_lon, new_lat)]
        turned[right] = True
        chosen = turned[lost]
        lon[right], lat[right] = new_lon[chosen], new_lat[chosen]
        return turned

    def _lost(self, lon: Floats, lat: Floats) -> Mask:
        """Which points lie in no place as they stand."""
        lost = np.ones(len(lon), np.bool_)
        for _, locator in self._locators:
            located = locator.locate(lon, lat)
            lost &= located.outside | located.swapped
        return lost

    def _locate(self, table: pa.Table, lon: Floats, lat: Floats) -> tuple[pa.Table, Mask, Mask, Mask]:
        """PLACED in every atlas; outside, swapped or unknown only where no atlas says otherwise."""
        named = table.column("named_place").combine_chunks()
        found: list[tuple[int, Located]] = [(atlas, one.locate(lon, lat, named)) for atlas, one in self._locators]
        if not found:
            none = np.zeros(len(lon), np.bool_)
            return PLACED.empty_table(), none, none, none
        if found[-1][1].table.num_rows:
            words = pc.value_counts(found[-1][1].table.column("located").combine_chunks()).to_pylist()
            self._located.update({entry["values"]: entry["counts"] for entry in words})
        numbers = table.column("row_number")
        placed = [
            one.table.append_column("row_number", numbers)
            .append_column("atlas_id", pa.array(np.full(len(lon), atlas, np.int32)))
            .select(PLACED.names)
            .cast(PLACED)
            for atlas, one in found
        ]
        results = [one for _, one in found]
        outside = np.logical_and.reduce([one.outside for one in results])
        lost = np.logical_and.reduce([one.outside | one.swapped for one in results])
        unknown = np.logical_and.reduce([one.unknown for one in results])
        return pa.concat_tables(placed), outside, lost & ~outside, unknown

    def _count(self, flags: npt.NDArray[np.int32]) -> None:
        self._flags.update({flag.label: n for flag in Quality if (n := int(np.count_nonzero(flags & np.int32(flag))))})

    def report(self, counts: PointCounts) -> dict[str, Any]:
        shown = np.isin(counts.points, self._defaults)
        addresses = {name: dict(words) for name, words in self._addresses.items()}
        return {
            **({"addresses": addresses} if addresses else {}),
            "flags": dict(self._flags),
            "located": dict(self._located),
            "default_points": [
                {"lon": float(point.real), "lat": float(point.imag), "rows": int(n)}
                for point, n in zip(counts.points[shown], counts.rows[shown], strict=True)
            ],
        }


def _spooled(path: Path) -> Iterator[pa.Table]:
    with pa.memory_map(str(path)) as stored:
        reader = pa.ipc.open_file(stored)
        for number in range(reader.num_record_batches):
            batch = reader.get_batch(number)
            if batch.num_rows:
                yield pa.Table.from_batches([batch])


def _floats(table: pa.Table, name: str) -> Floats:
    return table.column(name).to_numpy()  # type: ignore[no-any-return]


def _bit(rows: Mask, flag: Quality) -> npt.NDArray[np.int32]:
    return np.where(rows, np.int32(flag), np.int32(0))
