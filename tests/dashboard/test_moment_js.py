"""A day and time as people write it, read in Node: the same in every browser, whatever its own language."""

from __future__ import annotations

import pytest

from tests.node import needs_node, run

pytestmark = needs_node


@pytest.mark.parametrize(
    ("written", "end", "meant"),
    [
        ("2026-11-22 14:05", False, "2026-11-22 14:05"),
        ("2026-11-22T14:05:30", False, "2026-11-22 14:05"),
        (" 2026/3/5  9:07 ", False, "2026-03-05 09:07"),
        ("2026年3月5日 9时7分", False, "2026-03-05 09:07"),
        ("2026.3.5", False, "2026-03-05 00:00"),
        ("2026-03-05", True, "2026-03-05 23:59"),  # a day alone, of a deadline, means its end
        ("2026-02-30 10:00", False, None),
        ("2026-03-05 24:00", False, None),
        ("05/03/2026 10:00", False, None),  # which is the month, nobody can tell
        ("tomorrow", False, None),
    ],
)
def test_a_time_is_read_as_it_is_written_here(written: str, end: bool, meant: str | None) -> None:
    assert run(["console/moment.js"], "return jingwei.desk.momentText(written, end)", written=written, end=end) == meant
