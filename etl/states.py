"""Whether a case is closed, and how far it has come: the source's status, its closing date and its flag together.

The three can contradict each other. The mapping decides (status.contradiction); the row is flagged either way.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import Final, Protocol

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from data.quality import Quality
from data.staging import STAGES
from etl.columns import translate
from etl.faults import Faults
from etl.mapping import Mapping

Instants = npt.NDArray[np.datetime64]
Mask = npt.NDArray[np.bool_]

_UNSET: Final = np.datetime64("NaT", "us")


class Rows(Protocol):
    """What is needed of a batch."""

    size: int

    def text(self, field: str) -> pa.Array:
        """The field as text."""


@dataclass(frozen=True)
class Closing:
    """The state of each row. `stage` is null where the dates decide."""

    stage: pa.Array
    closed: Mask
    closed_at: Instants
    suspended: Mask
    voided: Mask
    on_time: pa.Array
    flags: npt.NDArray[np.int32]


def closings(
    rows: Rows, mapping: Mapping, times: dict[str, Instants], faults: Faults, missed: dict[str, Counter[str]]
) -> Closing:
    """The state of each row of a batch.

    Status decides where there is one; a blank status leaves it to the closing date. A void case keeps its closing
    date as the time it was voided.
    """
    closed_at = times.get("closed_at", np.full(rows.size, _UNSET))
    dated = ~np.isnat(closed_at)
    target = _target(rows, mapping, faults)
    said = target.is_valid().to_numpy(zero_copy_only=False)
    says_closed, voided, suspended = (_is(target, word) for word in ("closed", "voided", "suspended"))
    on_time = _flag(rows, mapping, missed)
    flagged = _given(on_time) if mapping.on_time.closes else np.zeros(rows.size, np.bool_)
    contradicts = said & ~says_closed & ~voided & dated
    closed = np.where(said, says_closed, dated | flagged)
    if mapping.status.contradiction == "date":
        closed |= contradicts
    else:
        closed_at = np.where(contradicts, _UNSET, closed_at)
    untimed = closed & np.isnat(closed_at) & ~flagged
    stage = pc.if_else(pc.is_in(target, value_set=pa.array(STAGES)), target, None)
    flags = np.where(contradicts, np.int32(Quality.OPEN_WITH_CLOSE_TIME), np.int32(0))
    flags |= np.where(untimed, np.int32(Quality.CLOSED_WITHOUT_TIME), np.int32(0))
    return Closing(
        stage=pc.if_else(pa.array(closed), "closed", stage),
        closed=closed,
        closed_at=closed_at,
        suspended=suspended & ~closed,
        voided=voided,
        on_time=on_time if mapping.on_time_source == "flag" else pa.nulls(rows.size, pa.bool_()),
        flags=flags,
    )


def _target(rows: Rows, mapping: Mapping, faults: Faults) -> pa.Array:
    """What the status means in our words; null where it is blank."""
    source = mapping.fields.get("status")
    if source is None:
        return pa.nulls(rows.size, pa.string())
    text = rows.text("status")
    target, unknown, _ = translate(text, mapping.status.values, pa.string())
    if mapping.status.other == "open":
        return pc.if_else(pa.array(unknown), "open", target)
    faults.add(unknown, " + ".join(source.sources), "unknown status", text)
    return target


def _flag(rows: Rows, mapping: Mapping, missed: dict[str, Counter[str]]) -> pa.Array:
    """What the source's flag says: the on-time column, else the opposite of the late column."""
    words = mapping.on_time.values
    on_time, _, unknown = translate(rows.text("on_time"), words, pa.bool_())
    late, _, unknown_late = translate(rows.text("on_time_late"), words, pa.bool_())
    if mapping.on_time_source == "flag":
        missed.setdefault("on_time", Counter()).update(unknown + unknown_late)
    return pc.coalesce(on_time, pc.invert(late))


def _is(target: pa.Array, word: str) -> Mask:
    return pc.fill_null(pc.equal(target, word), False).to_numpy(zero_copy_only=False)  # type: ignore[no-any-return]


def _given(values: pa.Array) -> Mask:
    return values.is_valid().to_numpy(zero_copy_only=False)  # type: ignore[no-any-return]
