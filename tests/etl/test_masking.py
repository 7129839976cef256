"""Numbers that lead to a person go whole; numbers of cases, grids, points and dates stay."""

from __future__ import annotations

import pyarrow as pa
import pytest

from etl.masking import mask_text, mask_texts


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("来电人13812345678反映", "来电人[电话]反映"),
        ("+86 138-1234-5678", "[电话]"),
        ("0086 13812345678", "[电话]"),
        ("１３８１２３４５６７８", "[电话]"),
        ("138 1234 5678, 13912345678", "[电话], [电话]"),
        ("电话0755-84622222转123，请回电", "电话[电话]，请回电"),
        ("（0755）84622222", "[电话]"),
        ("010-66666666", "[电话]"),
        ("Call (617) 555-1234 now", "Call [电话] now"),
        ("617-555-1234 or 1-617-555-1234", "[电话] or [电话]"),
        ("+44 20 7946 0958", "[电话]"),
        ("(11) 91234-5678", "[电话]"),
        ("身份证11010519491231002X。", "身份证[证件号]。"),
        ("身份证 110105491231002", "身份证 [证件号]"),
        ("123.456.789-09", "[证件号]"),
        ("123-45-6789", "[证件号]"),
    ],
)
def test_phone_and_identity_numbers_are_masked_whole(text: str, masked: str) -> None:
    assert mask_text(text) == masked


@pytest.mark.parametrize(
    "text",
    [
        "案件号440310201807041234",  # the form of an identity number, but not its check digit
        "网格371302001014003",
        "case 101000295613",
        "SR 1234567890",
        "12345热线",
        "2018-07-04 17:24:41",
        "2011-07-01 2011-07-05",
        "POINT (-71.0587 42.3594)",
        "13812345678901",
    ],
)
def test_other_numbers_stay(text: str) -> None:
    assert mask_text(text) == text


def test_a_column_tells_which_texts_changed() -> None:
    masked, changed = mask_texts(pa.array(["ring 13812345678", None, "nothing here", "2018-07-04 17:24"]))
    assert masked.to_pylist() == ["ring [电话]", None, "nothing here", "2018-07-04 17:24"]
    assert changed.tolist() == [True, False, False, False]
