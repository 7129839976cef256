"""A column of addresses read against the gazetteer, each different text once; what comes out holds places, not texts.

A text is kept only where a person has to look at it, and then masked. Whoever calls this drops the column itself.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from data.staging import ADDRESSED
from etl.address_match import SURE, Matcher, Reading
from etl.addresses import kept
from etl.gazetteer import AREAS, Alias, Gazetteer

Mask = npt.NDArray[np.bool_]

# What travels with a row from its reading to its locating, before it is known whether its point decides.
READ: Final = (
    *(pa.field(f"address_{one.name}", one.type) for one in ADDRESSED if one.name not in ("row_number", "status")),
    pa.field("address_given", pa.bool_()),
)


@dataclass(frozen=True)
class Known:
    """What addresses are read against. trees: of the atlases, the one in force last; settled: external id -> place a
    person chose for it earlier."""

    trees: Sequence[pa.Table] = ()
    aliases: Sequence[Alias] = ()
    settled: Mapping[str, str] | None = None


class AddressReader:
    """Reads columns of addresses. Built once a file."""

    def __init__(self, known: Known) -> None:
        self._gazetteer = Gazetteer.of(known.trees, known.aliases)
        self._matcher = Matcher(self._gazetteer)
        self._settled = dict(known.settled or {})

    @property
    def has_estates(self) -> bool:
        """Whether there is any estate an address could name."""
        return bool(self._gazetteer.estates)

    def read(self, texts: pa.Array, named_place: pa.Array) -> dict[str, pa.Array]:
        """Columns READ. named_place: "community=…|street=…" from the row's other columns, null where none."""
        pairs = pa.table({"text": texts, "near": named_place.cast(pa.string())})
        coded = pc.binary_join_element_wise(
            pc.fill_null(pairs["text"], "").combine_chunks(), pc.fill_null(pairs["near"], "").combine_chunks(), "\x1f"
        ).dictionary_encode()
        answers = [self._one(*pair.split("\x1f", 1)) for pair in coded.dictionary.to_pylist()]
        columns = {
            field.name: pa.array([answer.get(field.name.removeprefix("address_")) for answer in answers], field.type)
            for field in READ
        }
        return {name: column.take(coded.indices) for name, column in columns.items()}

    def _one(self, text: str, near: str) -> dict[str, Any]:
        if not text:
            return {}
        return {"given": True, **self.told(self._matcher.read(text, self._matcher.near(near)), text, near)}

    def told(self, reading: Reading, text: str, near: str) -> dict[str, Any]:
        """One reading as the values of ADDRESSED; empty where nothing is named."""
        if reading.row >= 0:
            level = self._gazetteer.level[reading.row]
            if level in AREAS and f"{level}=" in near:
                return {}  # the row says as much in a column of its own
            return {"place": self._gazetteer.path(reading.row), "how": reading.how, "sure": SURE[reading.how]}
        if not reading.reason or not self.has_estates:
            return {}
        could = [
            {"place": self._gazetteer.path(row), "title": self._gazetteer.title(row)} for row in reading.candidates
        ]
        return {
            "reason": reading.reason,
            "candidates": json.dumps(could, ensure_ascii=False),
            "text": kept(text),
        }

    def choose(
        self, external_ids: pa.Array, found: pa.Array, named_place: pa.Array, read: dict[str, pa.Array]
    ) -> pa.Array:
        """The named places `found`, but where a person chose a place earlier that one; there nothing is read any more."""
        chosen = [self._settled.get(one) for one in external_ids.to_pylist()] if self._settled else []
        if not any(chosen):
            return found
        given = pa.array([place is not None for place in chosen])
        for name in ("address_how", "address_reason"):
            read[name] = pc.if_else(given, None, read[name])
        places = zip(chosen, named_place.to_pylist(), strict=True)
        told = pa.array([with_place(place, named) if place else None for place, named in places], pa.string())
        return pc.if_else(given, told, found)


def joined(place: pa.Array, named_place: pa.Array) -> pa.Array:
    """What an address means before what the other columns name, lowest first."""
    both = pc.binary_join_element_wise(place, named_place, "|")
    return pc.coalesce(both, place, named_place)


def with_place(place: str, named_place: str | None) -> str:
    """The place a person chose in front of what the source's columns name; an earlier one of an address gives way.

    >>> with_place("estate=E2", "block=B1|building=B|estate=E1|community=柳岸社区")
    'estate=E2|community=柳岸社区'
    """
    chosen = {part.partition("=")[0] for part in place.split("|")} | {"block", "building", "estate"}
    left = [part for part in (named_place or "").split("|") if part and part.partition("=")[0] not in chosen]
    return "|".join([place, *left])


def addressed(table: pa.Table, by_point: Mask) -> pa.Table:
    """ADDRESSED of spooled rows whose address told something; not those whose point decides."""
    told = pc.or_(pc.is_valid(table["address_how"]), pc.is_valid(table["address_reason"]))
    rows = table.filter(pc.and_(told, pa.array(~by_point)))
    status = pc.if_else(pc.is_valid(rows["address_how"]), "placed", "open")
    columns = {"row_number": rows["row_number"], "status": status}
    return pa.table(
        [columns[name] if name in columns else rows[f"address_{name}"] for name in ADDRESSED.names], schema=ADDRESSED
    )


def census(table: pa.Table, by_point: Mask) -> dict[str, dict[str, int]]:
    """Counts of spooled rows that had an address: what became of them, by level, by how, by reason."""
    given = pc.fill_null(table["address_given"], False).to_numpy(zero_copy_only=False)
    counts: dict[str, dict[str, int]] = {"rows": {"texts": int(given.sum()), "by_point": int((given & by_point).sum())}}
    rows = table.filter(pa.array(given & ~by_point))
    level = pc.extract_regex(rows["address_place"].drop_null().combine_chunks(), "^(?P<level>[a-z_]+)=").field(0)
    columns = {"placed": level, "how": rows["address_how"], "open": rows["address_reason"]}
    for name, column in columns.items():
        counts[name] = {one["values"]: one["counts"] for one in pc.value_counts(column.drop_null()).to_pylist()}
    named = sum(counts["placed"].values()) + sum(counts["open"].values())
    counts["rows"]["unnamed"] = rows.num_rows - named
    return counts
