"""Working days an administrator enters come before what the calendar's source says."""

from __future__ import annotations

from datetime import date, datetime
from zoneinfo import ZoneInfo

import pytest

from data.actors import PROGRAM
from data.errors import InputError
from data.service_levels import later
from data.store import Store
from data.working_days import enter, notices, read_years, working_calendar

NOTICE = '[2031]\nnotice = "国办发明电〔2030〕1号"\nworked = [2031-02-08]\noff = [2031-02-10, 2031-02-11]\n'


def test_an_entered_notice_changes_the_days_and_ends_the_provisional_year(store: Store) -> None:
    with store.read() as con:
        before = working_calendar(con)
    assert before.is_provisional(2031)
    enter(store, read_years(NOTICE, "2031.toml"), PROGRAM)
    with store.read() as con:
        after = working_calendar(con)
    assert not after.is_provisional(2031)
    assert [after.is_working_day(date(2031, 2, day)) for day in (7, 8, 9, 10, 11, 12)] == [
        True,
        True,
        False,
        False,
        False,
        True,
    ]
    assert [before.is_working_day(date(2031, 2, day)) for day in (7, 8, 9, 10, 11, 12)] == [
        True,
        False,
        False,
        True,
        True,
        True,
    ]
    friday = datetime(2031, 2, 7, 10, tzinfo=ZoneInfo("Asia/Shanghai"))
    assert later(after, friday, 16, worked=True) == datetime(2031, 2, 12, 10, tzinfo=ZoneInfo("Asia/Shanghai"))
    assert [(n.year, n.notice) for n in notices(store)] == [(2031, "国办发明电〔2030〕1号")]
    log = store.rows("SELECT actor, detail ->> '$.notice' AS notice FROM audit WHERE action = 'setting'")
    assert log == [{"actor": "command line", "notice": "国办发明电〔2030〕1号"}]


@pytest.mark.parametrize(
    ("body", "where", "what"),
    [
        ("[2031]\nworked = [2031-02-08]", "x.toml: 2031.notice", "Field required"),
        ('[2031]\nnotice = "a"\noff = [2030-02-08]', "x.toml: 2031", "2030-02-08 is not in this year"),
        ('[2031]\nnotice = "a"\noff = [2031-02-08]\nworked = [2031-02-08]', "x.toml: 2031", "both worked and off"),
        ("[2031", "x.toml", "not TOML"),
    ],
)
def test_a_wrong_notice_is_named(body: str, where: str, what: str) -> None:
    with pytest.raises(InputError) as caught:
        read_years(body, "x.toml")
    assert caught.value.where == where
    assert what in caught.value.what
