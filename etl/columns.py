"""What is done to one column of a source, whole columns at a time: cleaning, translating, masking, hashing."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Mapping as Table
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from etl.masking import mask_texts

Mask = npt.NDArray[np.bool_]
Hashes = npt.NDArray[np.uint64]

_GOLDEN: Final = np.uint64(0x9E3779B97F4A7C15)


def flat(table: pa.Table, name: str) -> pa.Array:
    """A column of a table as one array."""
    column = table.column(name).combine_chunks()
    return column if isinstance(column, pa.Array) else pa.concat_arrays(column.chunks)


def as_text(column: pa.Array) -> pa.Array:
    """Any column as text, the same text on every reading: whole floats without a point, times in ISO form."""
    if pa.types.is_string(column.type):
        return column
    if pa.types.is_dictionary(column.type):
        return as_text(column.dictionary_decode())
    if pa.types.is_floating(column.type):
        numbers = column.cast(pa.float64())
        whole = pc.and_(pc.equal(numbers, pc.trunc(numbers)), pc.less(pc.abs(numbers), 2.0**53))
        integers = pc.if_else(pc.fill_null(whole, False), numbers, None).cast(pa.int64()).cast(pa.string())
        return pc.coalesce(integers, numbers.cast(pa.string()))
    if pa.types.is_nested(column.type):
        return pa.array([None if cell is None else str(cell) for cell in column.to_pylist()], pa.string())
    return column.cast(pa.string())


def clean(column: pa.Array, nulls: pa.Array) -> pa.Array:
    """Text without outer blanks; null where only a null marker stands. Typed columns stay as they are."""
    if pa.types.is_dictionary(column.type):
        column = column.dictionary_decode()
    if not (pa.types.is_string(column.type) or pa.types.is_large_string(column.type)):
        return column
    text = pc.utf8_trim_whitespace(column.cast(pa.string()))
    empty = pc.is_in(text, value_set=nulls)
    return pc.if_else(empty, None, text) if pc.any(empty).as_py() else text


def translate(
    column: pa.Array, words: Table[str, Any], kind: pa.DataType, *, keep: bool = False
) -> tuple[pa.Array, Mask, Counter[str]]:
    """(values, which words are not listed, how often each of those occurs). Case is ignored where it decides nothing.

    keep: words that are not listed stay as they are; otherwise they become null.
    """
    coded = column.dictionary_encode()
    texts: list[str] = coded.dictionary.to_pylist()
    loose = {text.casefold(): value for text, value in words.items()}
    known = [text in words or text.casefold() in loose for text in texts]
    values = [words.get(text, loose.get(text.casefold(), text if keep else None)) for text in texts]
    codes = coded.indices
    translated = pa.array([*values, None], kind).take(pc.fill_null(codes, len(texts)))
    unknown = pa.array([*(not is_known for is_known in known), False]).take(pc.fill_null(codes, len(texts)))
    missed = Counter[str]()
    if not all(known):
        for entry in pc.value_counts(codes.drop_null()).to_pylist():
            if not known[entry["values"]]:
                missed[texts[entry["values"]]] = entry["counts"]
    return translated, unknown.to_numpy(zero_copy_only=False), missed


def mask_words(column: pa.Array) -> tuple[pa.Array, Mask]:
    """Masked like free text, but each distinct word once: for columns of names."""
    coded = column.dictionary_encode()
    masked, changed = mask_texts(coded.dictionary)
    if not changed.any():
        return column, np.zeros(len(column), np.bool_)
    codes = pc.fill_null(coded.indices, len(masked))
    touched = pa.array([*changed.tolist(), False]).take(codes).to_numpy(zero_copy_only=False)
    return pa.concat_arrays([masked, pa.nulls(1, pa.string())]).take(codes), touched


def natural_key(columns: list[pa.Array]) -> tuple[pa.Array, Mask]:
    """("~" and 128 bits in hex of the columns' texts, which rows are empty in all of them)."""
    empty = np.ones(len(columns[0]), np.bool_)
    for column in columns:
        empty &= column.is_null().to_numpy(zero_copy_only=False)
    joined = columns[0].fill_null("\x00")
    for column in columns[1:]:
        joined = pc.binary_join_element_wise(joined, column.fill_null("\x00"), "\x1f")
    digests = [hashlib.blake2b(text.encode(), digest_size=16).hexdigest() for text in joined.to_pylist()]
    return pa.array([f"~{digest}" for digest in digests], pa.string()), empty


def content_hash(columns: Table[str, pa.Array | npt.NDArray[Any]]) -> Hashes:
    """64 bits a row that depend on nothing but the row's own values.

    A null adds nothing, so a field that a later version adds, and an old file does not fill, changes no hash.
    Arrays are text, numbers, booleans or datetime64 (NaT and NaN count as null).
    """
    size = len(next(iter(columns.values())))
    total = np.zeros(size, np.uint64)
    for name, column in columns.items():
        salt = np.uint64(int.from_bytes(hashlib.blake2b(name.encode(), digest_size=8).digest(), "big"))
        values, given = _bits(column)
        if given.any():
            total += np.where(given, _mix(values ^ salt), np.uint64(0))
    return _mix(total)


def _bits(column: pa.Array | npt.NDArray[Any]) -> tuple[Hashes, Mask]:
    """64 bits a value, and which values there are."""
    if isinstance(column, np.ndarray):
        if column.dtype.kind == "M":
            return column.astype("datetime64[us]").view(np.uint64), ~np.isnat(column)
        numbers = np.where(np.isfinite(column), column, 0.0) + 0.0  # no minus zero
        return numbers.astype(np.float64).view(np.uint64), np.isfinite(column)
    given = column.is_valid().to_numpy(zero_copy_only=False)
    if not given.any():
        return np.zeros(len(column), np.uint64), given
    if pa.types.is_boolean(column.type):
        return pc.fill_null(column, False).to_numpy(zero_copy_only=False).astype(np.uint64) + np.uint64(1), given
    coded = column.dictionary_encode()
    words = pd.util.hash_array(coded.dictionary.to_numpy(zero_copy_only=False).astype(object), categorize=False)
    return words[pc.fill_null(coded.indices, 0).to_numpy(zero_copy_only=False)], given


def _mix(values: Hashes) -> Hashes:
    """The finaliser of splitmix64: every bit of the input moves every bit of the output."""
    with np.errstate(over="ignore"):
        mixed = values + _GOLDEN
        mixed = (mixed ^ (mixed >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        mixed = (mixed ^ (mixed >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
        return mixed ^ (mixed >> np.uint64(31))
