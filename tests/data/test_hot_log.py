"""Last night's backup and the hot log give back the day, and say what they cannot give back.

The district is the builder's, the people are those of tests/data/test_engine.py; local time 2024.
"""

from __future__ import annotations

import json
import os
import threading
import time
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from data.admission import Admitted, put_admissions
from data.backup import backup, read_manifest
from data.checks import check
from data.chores import Chore
from data.engine import EVERY
from data.errors import NotFound, Refused, StaleMove
from data.hot_lines import pieces
from data.moves import Move, Receipt
from data.restore import Restored, restore
from data.settings import Settings
from data.store import Store
from tests.data.builder import local, take
from tests.data.killed import CASES, acknowledged
from tests.data.test_engine import Desk
from tests.made_cases import add_cases

ROOT = Path(__file__).resolve().parents[2]
LEDGER = """SELECT t.* EXCLUDE (note_id), n.body FROM transition t LEFT JOIN note n USING (note_id)
            ORDER BY t.case_id, t.seq"""
ROWS = "SELECT * FROM cases ORDER BY case_id"
SOUND = ("ledger_chains", "ledger_heads", "fold_is_row", "one_row_a_case")


def log_of(home: Path) -> list[Path]:
    return sorted((home / "hot-log").glob("*.jsonl"))


def said(home: Path) -> list[dict[str, Any]]:
    """Every line of the log but the heads."""
    lines = [line.partition(" ")[2] for piece in log_of(home) for line in piece.read_text().splitlines()]
    return [line for line in map(json.loads, lines) if "form" not in line]


def morning(desk: Desk) -> int:
    """A case of before the backup."""
    case = desk.open(note="夜里漏水").case_id
    desk.move(case, "register", desk.actor("operator"))
    return case


def day(desk: Desk, case: int) -> int:
    """What happens after the backup: seven lines of three cases, and one refused; the case that is opened."""
    operator, dispatcher = desk.actor("operator"), desk.actor("dispatcher")
    handler = desk.actor("unit_handler", None, "A")
    desk.move(case, "dispatch", dispatcher, unit_id=desk.units["A"], co_units=(desk.units["B"],), expected_seq=2)
    with pytest.raises(StaleMove):
        desk.move(case, "urge", operator, expected_seq=2)
    desk.clock.at += timedelta(minutes=20)
    desk.move(case, "accept", handler, note="马上去")
    other = desk.open(note="井盖没了", urgency="urgent", lon=118.3, lat=35.0, x=0.0, y=0.0).case_id
    whistle = desk.open(
        "whistle", actor=dispatcher, units=tuple(desk.units.values()), note="集合", located=desk.located("S1")
    )
    assert len(whistle.parts) == 3
    desk.clock.at += timedelta(minutes=5)
    desk.move(other, "register", operator)
    desk.move(case, "handle", handler, note="已修好", evidence=("a.jpg", "b.jpg"))
    desk.move(other, "dispatch", dispatcher, unit_id=desk.units["C"])
    return other


def held(store: Store) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    return store.rows(LEDGER), store.rows(ROWS)


def replayed(settings: Settings, saved: Path) -> Restored:
    done = restore(settings.home, saved, replayed=True)
    assert done.replayed is not None
    return done


def test_backup_and_hot_log_give_back_the_day_line_by_line(store: Store, settings: Settings) -> None:
    desk = Desk(store)
    case = morning(desk)
    saved = backup(store)
    day(desk, case)
    before = held(store)
    store.close()
    told = replayed(settings, saved).replayed
    assert told is not None
    assert (told.done, told.there, told.refused, told.other, told.torn, told.gaps) == (7, 0, [], [], [], [])
    assert told.until == local("2024-03-04 10:25")
    with Store.open(settings.home, settings) as again:
        assert held(again) == before
        assert check(again, rules=SOUND) == []


def test_what_the_clock_did_is_given_back_in_its_place(store: Store, settings: Settings) -> None:
    desk = Desk(store)
    case = morning(desk)
    saved = backup(store)
    desk.clock.at = local("2024-03-08 16:00")
    done = threading.Event()
    store.writer.on_commit(lambda commit: done.set() if commit.label == "clocks" else None)
    store.writer.add_chore(Chore("clocks", lambda now: now + EVERY, store._by_the_clock, machine=True), now=True)
    assert done.wait(30)
    assert desk.actions(case)[-1] == "escalated"
    desk.move(case, "dispatch", desk.actor("dispatcher"), unit_id=desk.units["A"], expected_seq=3)
    before = held(store)
    store.close()
    told = replayed(settings, saved).replayed
    assert told is not None
    assert (told.done, told.refused, told.other) == (2, [], [])
    with Store.open(settings.home, settings) as again:
        assert held(again) == before


def test_cases_keep_their_numbers_and_what_hangs_on_an_import_is_refused_and_told(
    store: Store, settings: Settings
) -> None:
    desk = Desk(store)
    case = morning(desk)
    saved = backup(store)
    take(store, *({"id": f"T{n}", "reported": "03-04", "at": "G1"} for n in range(3)))
    put_admissions(store, [Admitted("count", "清点")], desk.actor("administrator", None))
    imported = case + 1
    desk.move(imported, "dispatch", desk.actor("dispatcher"), unit_id=desk.units["A"])
    opened = desk.open(note="之后").case_id
    assert opened == case + 4
    desk.move(opened, "register", desk.actor("operator"))
    store.close()
    done = replayed(settings, saved)
    told = done.replayed
    assert told is not None
    assert (told.done, told.other) == (2, [])
    assert [(one.case_id, one.what, one.why) for one in told.refused] == [
        (imported, "dispatch", "there is no such case.")
    ]
    assert told.reasons() == [("there is no such case.", 1)]
    assert [(one.action, one.by, json.loads(one.detail or "{}")["what"]) for one in told.beside] == [
        ("setting", "administrator-None", "admission list")
    ]
    assert done.report is not None
    assert json.loads(done.report.read_text())["refused"][0]["what"] == "dispatch"
    with Store.open(settings.home, settings) as again:
        ids = [row["case_id"] for row in again.rows("SELECT case_id FROM cases ORDER BY 1")]
        assert ids == [case, opened]
        assert check(again, rules=SOUND) == []
        take(again, {"id": "T9", "reported": "03-05", "at": "G1"})  # the next import takes ids after the last one
        assert [row["case_id"] for row in again.rows("SELECT max(case_id) AS case_id FROM cases")] == [opened + 1]


def test_a_line_that_came_out_otherwise_is_told(store: Store, settings: Settings) -> None:
    desk = Desk(store)
    case = morning(desk)
    saved = backup(store)
    take(store, {"id": "T1", "reported": "03-04", "at": "G1"})
    store.writer.run(lambda con: con.execute("UPDATE category SET sla_hours = 4 WHERE code = 'leak'").rowcount).result()
    opened = desk.open().case_id
    desk.move(opened, "register", desk.actor("operator"))
    store.close()
    told = replayed(settings, saved).replayed
    assert told is not None
    assert (told.done, told.other) == (2, [(opened, 2)])  # registered with the service level of the backup
    assert case < opened


def test_replaying_twice_changes_nothing(store: Store, settings: Settings) -> None:
    desk = Desk(store)
    case = morning(desk)
    saved = backup(store)
    day(desk, case)
    before = held(store)
    store.close()
    replayed(settings, saved)
    again = replayed(settings, saved).replayed
    assert again is not None
    assert (again.done, again.refused) == (7, [])
    with Store.open(settings.home, settings) as opened:
        assert held(opened) == before
        later = backup(opened)
    third = replayed(settings, later).replayed  # the backup holds all of it
    assert third is not None
    assert (third.done, third.there, third.until) == (0, 0, None)
    manifest = Path(f"{later}.json")
    manifest.write_text(json.dumps({**json.loads(manifest.read_text()), "hot_log": None}))
    fourth = replayed(settings, later).replayed  # of a time before there was a log
    assert fourth is not None
    assert (fourth.done, fourth.there, fourth.refused) == (0, 9, [])
    with Store.open(settings.home, settings) as opened:
        assert held(opened) == before


def test_a_torn_last_line_is_told_and_passed_over(store: Store, settings: Settings) -> None:
    desk = Desk(store)
    case = morning(desk)
    saved = backup(store)
    day(desk, case)
    store.close()
    last = log_of(settings.home)[-1]
    whole = last.read_bytes()
    last.write_bytes(whole[:-40])
    told = replayed(settings, saved).replayed
    assert told is not None
    assert (told.done, told.refused, told.torn) == (6, [], [(last.name, "torn")])
    with Store.open(settings.home, settings) as again:
        assert check(again, rules=SOUND) == []
        again.clock = again.writer.clock = desk.clock  # type: ignore[assignment]
        Desk.move(_at(again, desk), case, "verify", desk.actor("operator"))
    told = replayed(settings, saved).replayed  # the log goes on after the torn line
    assert told is not None
    assert (told.done, told.refused, told.gaps) == (7, [], [])


def _at(store: Store, desk: Desk) -> Desk:
    desk.store = store
    return desk


def test_a_changed_line_ends_the_piece_and_a_lost_piece_is_told(store: Store, settings: Settings) -> None:
    desk = Desk(store)
    case = morning(desk)
    saved = backup(store)
    for number in range(3):
        desk.move(case, "urge", desk.actor("operator"), note=f"第{number}次")
        store.writer.run(lambda _: store.hot_log and store.hot_log.close()).result()
    store.close()
    first, second, third = log_of(settings.home)[-3:]
    text = second.read_text()
    second.write_text(text.replace("第1次", "第9次"))
    told = replayed(settings, saved).replayed
    assert told is not None
    assert (told.done, told.torn, told.gaps) == (2, [(second.name, "changed")], [(4, 4)])
    second.unlink()
    told = replayed(settings, saved).replayed
    assert told is not None
    assert (told.done, told.torn, told.gaps) == (2, [], [(4, 4)])
    assert first.exists()
    assert third.exists()


def test_a_set_whose_commit_failed_is_not_given_back(store: Store, settings: Settings) -> None:
    desk = Desk(store)
    case = morning(desk)
    saved = backup(store)
    engine = store._apply

    def failing(con: Any, asked: Any, at: Any) -> Any:
        answers = engine(con, asked, at)
        if asked[0].key == "bad":
            con.execute("ROLLBACK")  # so the commit fails
        return answers

    store.writer._apply = failing
    with pytest.raises(Exception, match="no transaction"):
        desk.move(case, "urge", desk.actor("operator"), key="bad", note="没写进去")
    store.writer.run(lambda con: con.execute("SELECT 1").fetchall(), label="between").result()
    desk.move(case, "urge", desk.actor("operator"), key="good", note="写进去了")
    before = held(store)
    store.close()
    assert [next(iter(set(line) - {"n", "at", "actors"})) for line in said(settings.home)][-3:] == [
        "set",
        "void",
        "set",
    ]
    told = replayed(settings, saved).replayed
    assert told is not None
    assert (told.done, told.refused) == (1, [])
    with Store.open(settings.home, settings) as again:
        assert held(again) == before


def test_a_set_on_disk_here_and_never_committed_there_is_voided_at_the_next_start(
    store: Store, settings: Settings
) -> None:
    desk = Desk(store)
    case = morning(desk)
    saved = backup(store)
    desk.move(case, "urge", desk.actor("operator"), key="acknowledged", note="一")
    store.close()
    with Store.open(settings.home, settings) as again:  # as if killed between the two
        assert again.hot_log is not None
        receipt = again.rows("SELECT * FROM transition WHERE key = 'acknowledged'")[0]
        lost = Receipt(case, 4, "urged", receipt["occurred_at"], receipt["recorded_at"], "lost", b"\1" * 32)
        again.hot_log.append([Move(case, "urged", receipt["occurred_at"], "lost")], [lost], receipt["recorded_at"])
        again.hot_log._doubtful = None
    with Store.open(settings.home, settings) as again:
        at = again.rows("SELECT max(occurred_at) AS at FROM transition")[0]["at"]
        again.writer.submit(Move(case, "urged", at, "after")).result()
        before = held(again)
    told = replayed(settings, saved).replayed
    assert told is not None
    assert (told.done, told.refused) == (2, [])
    with Store.open(settings.home, settings) as again:
        assert held(again) == before


def test_restored_without_replay_the_moves_wait_until_the_store_goes_on(store: Store, settings: Settings) -> None:
    desk = Desk(store)
    case = morning(desk)
    saved = backup(store)
    desk.move(case, "urge", desk.actor("operator"), note="一")
    last = backup(store)
    desk.move(case, "urge", desk.actor("operator"), note="二")
    store.close()
    for backed_up, moves in ((last, 1), (saved, 2)):
        assert restore(settings.home, backed_up).waiting == moves
        with Store.open(settings.home, settings) as again:  # a look changes nothing
            put_admissions(again, [Admitted("count", "清点")], desk.actor("administrator", None))
        assert restore(settings.home, backed_up).waiting == moves
    with Store.open(settings.home, settings) as again:
        at = again.rows("SELECT max(occurred_at) AS at FROM transition")[0]["at"]
        again.writer.submit(Move(case, "urged", at, "another way")).result()
        before = held(again)
    told = replayed(settings, saved).replayed  # the day that was given up stays given up
    assert told is not None
    assert (told.done, told.refused) == (1, [])
    with Store.open(settings.home, settings) as again:
        assert held(again) == before


def test_a_backup_begins_a_new_piece_and_old_ones_go(store: Store, settings: Settings) -> None:
    desk = Desk(store)
    case = morning(desk)
    first = backup(store)
    desk.move(case, "urge", desk.actor("operator"), note="一")
    assert read_manifest(first).hot_log == 2
    second = backup(store)
    desk.move(case, "urge", desk.actor("operator"), note="二")
    assert (read_manifest(second).hot_log, len(log_of(settings.home))) == (3, 3)
    for piece in log_of(settings.home):
        os.utime(piece, (time.time() - 40 * 86_400,) * 2)
        assert piece.stat().st_mode & 0o777 == 0o600
    backup(store)
    assert len(log_of(settings.home)) == 1  # the last one is where the numbers go on
    assert store.hot_log is not None
    assert store.hot_log.number == 4
    store.close()
    told = replayed(settings, first).replayed
    assert told is not None
    assert (told.done, told.gaps) == (1, [(3, 3)])


def test_another_disk_can_hold_it_and_what_is_not_there_is_told(
    store: Store, settings: Settings, tmp_path: Path
) -> None:
    saved = backup(store)
    store.close()
    elsewhere = settings.model_copy(update={"hot_log": tmp_path / "disk"})
    with Store.open(settings.home, elsewhere) as again:
        again.writer.run(partial(add_cases, first=1, count=1, at=datetime(2024, 5, 1, tzinfo=UTC))).result()
        again.writer.submit(Move(1, "urged", datetime(2024, 5, 2, tzinfo=UTC), "k")).result()
        assert again.hot_log is not None
        assert len(pieces(tmp_path / "disk", again.hot_log.name)) == 1
    before = (settings.home / "jingwei.duckdb").read_bytes()
    with pytest.raises(NotFound, match="there is no hot log of this store"):
        restore(settings.home, saved, replayed=True)
    assert (settings.home / "jingwei.duckdb").read_bytes() == before


def test_a_simulated_time_is_lived_again_and_keeps_no_log(tmp_path: Path) -> None:
    home = tmp_path / "demo"
    given = Settings(home=home, memory_share=0.1, threads=2)
    at = datetime(2024, 5, 1, tzinfo=UTC)
    with Store.create(
        home,
        name="演示区",
        code="990101",
        zone="Asia/Shanghai",
        crs="EPSG:4548",
        simulated=True,
        shown_at=at,
        settings=given,
    ) as store:
        assert store.hot_log is None
        saved = backup(store)
    with pytest.raises(Refused, match="a simulated district keeps no hot log"):
        restore(home, saved, replayed=True)


def test_no_room_for_the_log_refuses_the_move_in_words_and_it_goes_on_with_room(
    store: Store, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk = Desk(store)
    case = morning(desk)
    saved = backup(store)
    with monkeypatch.context() as full:
        full.setattr(os, "fsync", _no_room)
        with pytest.raises(Exception, match="there is no room left on the disk"):
            desk.move(case, "urge", desk.actor("operator"), note="一", key="refused")
    desk.move(case, "urge", desk.actor("operator"), note="二", key="taken")
    before = held(store)
    store.close()
    told = replayed(settings, saved).replayed
    assert told is not None
    assert (told.done, told.refused, told.torn) == (1, [], [])
    with Store.open(settings.home, settings) as again:
        assert held(again) == before


def _no_room(_: int) -> None:
    raise OSError(28, "No space left on device")


@pytest.mark.parametrize(("rounds", "seed"), [(2, 5), pytest.param(30, 13, marks=pytest.mark.soak)])
def test_the_store_of_a_killed_program_can_burn_and_nothing_acknowledged_is_lost(
    store: Store, settings: Settings, rounds: int, seed: int
) -> None:
    store.writer.run(partial(add_cases, first=1, count=CASES, at=datetime(2024, 5, 1, tzinfo=UTC))).result()
    saved = backup(store)
    store.close()
    moved = acknowledged(settings.home, rounds, seed)
    for file in settings.home.glob("jingwei.duckdb*"):
        file.write_bytes(b"burnt")
    for file in settings.home.glob("jingwei.duckdb*"):
        file.unlink()
    told = replayed(settings, saved).replayed
    assert told is not None
    assert (told.refused, told.other, told.gaps) == ([], [], [])
    with Store.open(settings.home, settings) as again:
        kept = [row["key"] for row in again.rows("SELECT key FROM transition WHERE action = 'urged'")]
        assert moved <= set(kept)
        assert len(kept) == len(set(kept)) == told.done
        assert check(again, rules=SOUND) == []
