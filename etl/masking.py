"""Phone and identity numbers in free text, masked before anything is stored.

No resident is ever a row here, and a caller's number in the text of a complaint would be one. The whole number goes:
a masked number that keeps its ends still finds its owner in a small town. Identity numbers are recognised by their
check digit, so that case numbers of the same form (area code, date, sequence) stay readable.
"""

from __future__ import annotations

import re
from typing import Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

PHONE: Final = "[电话]"
IDENTITY: Final = "[证件号]"

_CANDIDATE: Final = r"\d[\d\-. ()（）—－Xx]{5,}[\dXx]|[０-９]{3}"
_PHONES: Final = (
    # Chinese mobile, with or without +86 and separators
    r"(?:\+86[- ]?|\b0086[- ]?|\b86[- ]?|\b)1[3-9]\d[- ]?\d{4}[- ]?\d{4}\b",
    # Chinese landline with its area code, extension included
    r"(?:[(（]0(?:10|2\d|[3-9]\d{2})[)）]|\b0(?:10|2\d|[3-9]\d{2})(?:[-—－ ]|\b|))[-—－ ]?[2-8]\d{6,7}\b(?:[-—－转]\d{1,6}\b)?",
    # any number written with its country code
    r"\+\d{1,3}[-. ]?(?:\(\d{1,4}\)[-. ]?)?\d{1,4}(?:[-. ]?\d{2,4}){2,4}\b",
    # North America: (617) 555-1234, 617-555-1234, 1-617-555-1234
    r"(?:\b1[-. ])?(?:\([2-9]\d{2}\) ?|\b[2-9]\d{2}[-. ])[2-9]\d{2}[-. ]\d{4}\b",
    # Brazil: (11) 91234-5678
    r"(?:\(\d{2}\) ?|\b\d{2} )9?\d{4}-\d{4}\b",
)
_IDENTITIES: Final = (
    r"\b\d{3}\.\d{3}\.\d{3}-\d{2}\b",  # Brazil, CPF
    r"\b\d{3}-\d{2}-\d{4}\b",  # United States, social security
)
_BIRTHDAY: Final = r"(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])"
_LONG: Final = re.compile(
    rf"(?<![0-9A-Za-z])[1-8]\d{{5}}(?:18|19|20)\d{{2}}{_BIRTHDAY}\d{{3}}[\dXx](?![0-9A-Za-z])", re.ASCII
)
_SHORT: Final = re.compile(rf"(?<![0-9A-Za-z])[1-8]\d{{5}}[2-9]\d{_BIRTHDAY}\d{{3}}(?![0-9A-Za-z])", re.ASCII)
_WEIGHTS: Final = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)


def mask_texts(texts: pa.Array) -> tuple[pa.Array, npt.NDArray[np.bool_]]:
    """(texts with every such number replaced, which of them changed). Nulls stay null."""
    changed = np.zeros(len(texts), np.bool_)
    hits = pc.fill_null(pc.match_substring_regex(texts, _CANDIDATE), False).to_numpy(zero_copy_only=False)
    rows = np.flatnonzero(hits)
    if not rows.size:
        return texts, changed
    before = texts.take(pa.array(rows))
    after = _mask(_plain_digits(before))
    changed[rows] = pc.not_equal(before, after).to_numpy(zero_copy_only=False)
    if not changed.any():
        return texts, changed
    return pc.replace_with_mask(texts, pa.array(changed), after.filter(pa.array(changed[rows]))), changed


def mask_text(text: str) -> str:
    """One text, masked."""
    return str(mask_texts(pa.array([text]))[0][0].as_py())


def _mask(texts: pa.Array) -> pa.Array:
    numbers = np.flatnonzero(pc.match_substring_regex(texts, r"\d{14}[\dXx]").to_numpy(zero_copy_only=False))
    if numbers.size:  # few rows, and RE2 cannot add up a check digit
        read = [_mask_identity(text) for text in texts.take(pa.array(numbers)).to_pylist()]
        where = np.zeros(len(texts), np.bool_)
        where[numbers] = True
        texts = pc.replace_with_mask(texts, pa.array(where), pa.array(read, pa.string()))
    for pattern in _IDENTITIES:
        texts = pc.replace_substring_regex(texts, pattern, IDENTITY)
    for pattern in _PHONES:
        texts = pc.replace_substring_regex(texts, pattern, PHONE)
    return texts


def _mask_identity(text: str) -> str:
    masked = _LONG.sub(lambda match: IDENTITY if _checked(match[0]) else match[0], text)
    return _SHORT.sub(IDENTITY, masked)


def _checked(number: str) -> bool:
    """Whether the eighteenth sign is the check digit of the others (GB 11643)."""
    total = sum(int(digit) * weight for digit, weight in zip(number[:17], _WEIGHTS, strict=True))
    return "10X98765432"[total % 11] == number[17].upper()


def _plain_digits(texts: pa.Array) -> pa.Array:
    """Full-width digits in these texts as plain ones, since numbers hide in them; only where there are any."""
    wide = pc.match_substring_regex(texts, "[０-９]")
    if not pc.any(wide).as_py():
        return texts
    plain = texts
    for value, digit in enumerate("０１２３４５６７８９"):
        plain = pc.replace_substring(plain, digit, str(value))
    return plain
