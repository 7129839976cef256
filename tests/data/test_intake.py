"""The intake: what a file's rows become, today and tomorrow, and that nothing is left of one that did not end well."""

from __future__ import annotations

import json
from concurrent.futures import Future
from pathlib import Path
from threading import Event
from typing import Any

import pyarrow as pa
import pytest

from data import intake as intake_module
from data.errors import Cancelled, InputError, NotFound, Refused
from data.intake import Intake, purge_unfinished
from data.moves import Move
from data.progress import Quiet
from data.quality import Quality
from data.settings import Settings
from data.staging import QUARANTINED
from data.store import Store
from tests.data.tickets import at, case, contents, lines, placed, sound, staged, take, ticket


def begin(store: Store, source: str = "city") -> Intake:
    return Intake.begin(store, file="tickets.csv", digest="d", mapping_text="m", source=source)


def counts(store: Store, import_id: int) -> dict[str, Any]:
    return store.rows("SELECT * FROM import WHERE import_id = ?", [import_id])[0]


BAD = pa.Table.from_pylist(
    [{"row_number": 9, "column_name": "opened", "value": "31/31/2024", "rule": "not a date", "record": "{}"}],
    schema=QUARANTINED,
)


def test_the_rows_add_up(store: Store) -> None:
    first = take(store, ticket("same"), ticket("changes"), ticket("keeps"))
    assert str(first) == "3 new + 0 updated + 0 unchanged + 0 exact duplicates + 0 quarantined = 3 rows read"
    with begin(store) as second:
        table = staged(
            [
                ticket("keeps"),
                ticket("changes", closed_at=at(3)),
                ticket("twice", flags=int(Quality.OUTSIDE | Quality.MASKED_TEXT)),
                ticket("twice", flags=int(Quality.OUTSIDE | Quality.MASKED_TEXT)),
                ticket("quarrel", due_at=at(8)),
                ticket("quarrel", due_at=at(9)),
                ticket("same"),
                ticket("same"),
            ]
        )
        second.stage(table, placed(table, located="street", street_id=2))
        second.quarantine(BAD)
        report = second.finish({"rows_read": 9, "dropped_columns": ["phone"], "warnings": ["w"]})
    assert str(report) == "1 new + 1 updated + 2 unchanged + 2 exact duplicates + 3 quarantined = 9 rows read"
    assert (report.flags, report.located) == ({"outside": 1, "masked_text": 1}, {"street": 4})
    line = counts(store, report.import_id)
    assert (line["status"], line["new"], line["updated"], line["rows_read"]) == ("done", 1, 1, 9)
    plain = {"dropped_columns": ["phone"], "warnings": ["w"], "default_points": []}
    assert json.loads(line["report"]) == {**report.as_dict(), **plain}
    bad = store.rows("SELECT row_number, value, rule, status, file FROM quarantine ORDER BY row_number")
    assert [tuple(row.values()) for row in bad] == [
        (5, "quarrel", "same id, different content", "open", "tickets.csv"),
        (6, "quarrel", "same id, different content", "open", "tickets.csv"),
        (9, "31/31/2024", "not a date", "open", "tickets.csv"),
    ]
    record = json.loads(store.rows("SELECT record FROM quarantine WHERE row_number = 5")[0]["record"])
    assert (record["external_id"], record["due_at"][:10]) == ("quarrel", "2024-03-08")
    assert store.rows("SELECT count(*) AS n FROM cases") == [{"n": 4}]
    assert store.rows("SELECT table_name FROM duckdb_tables() WHERE schema_name = 'staging'") == []


def test_rows_that_do_not_add_up_are_refused_and_undone(store: Store) -> None:
    before = contents(store)
    with begin(store) as intake:
        table = staged([ticket("a")])
        intake.stage(table, placed(table))
        with pytest.raises(InputError, match="do not add up"):
            intake.finish({"rows_read": 2})
    assert contents(store) == before
    assert counts(store, intake.import_id)["status"] == "failed"


@pytest.fixture
def small_chunks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(intake_module, "CHUNK", 2)
    monkeypatch.setattr(intake_module, "COMMIT_ROWS", 3)


class Stop(Quiet):
    """Runs something at a step."""

    def __init__(self, label: str, action: Any) -> None:
        self.label, self.action = label, action

    def step(self, label: str, done: float, total: float | None = None) -> None:
        if label == self.label:
            self.label = ""
            self.action()


def fill(intake: Intake, n: int = 7) -> None:
    table = staged([ticket(f"t{i}", closed_at=at(5), note="x", unit_name="new unit", resolved=True) for i in range(n)])
    intake.stage(table, placed(table))
    intake.quarantine(BAD)


@pytest.mark.usefixtures("small_chunks")
def test_many_chunks_make_one_import(store: Store) -> None:
    with begin(store) as intake:
        fill(intake)
        assert intake.finish().new == 7
    assert store.rows("SELECT count(*) AS n FROM cases") == [{"n": 7}]
    sound(store)


@pytest.mark.usefixtures("small_chunks")
def test_a_cancel_midway_leaves_every_table_as_it_was(store: Store) -> None:
    take(store, ticket("before"))
    before = contents(store)

    def cancel() -> None:
        assert store.rows("SELECT count(*) AS n FROM case_archive")[0]["n"] > 1  # part of it is written …
        assert store.rows("SELECT count(*) AS n FROM cases") == [{"n": 1}]  # … and hidden
        raise Cancelled("stop")

    with begin(store) as intake:
        fill(intake)
        with pytest.raises(Cancelled):
            intake.finish(progress=Stop("switch", cancel))
    assert contents(store) == before
    assert counts(store, intake.import_id)["status"] == "cancelled"
    with begin(store) as again:
        fill(again)
        assert again.finish().new == 7


class Interrupted:
    """A future whose waiting is interrupted once, as by Ctrl-C."""

    def __init__(self, future: Future[Any], *, after: bool) -> None:
        self.future, self.after, self.cancel = future, after, future.cancel

    def result(self) -> Any:
        if self.after:
            self.future.result()
        self.result = self.future.result  # type: ignore[method-assign]
        raise KeyboardInterrupt


def interrupt(monkeypatch: pytest.MonkeyPatch, store: Store, label: str, *, after: bool) -> None:
    """Interrupt whoever waits for the writer's job of that name: while it waits, or once it is written."""
    run = store.writer.run

    def watched(job: Any, **says: Any) -> Any:
        future = run(job, **says)
        return Interrupted(future, after=after) if says.get("label") == label else future

    monkeypatch.setattr(store.writer, "run", watched)


def test_an_interrupt_while_the_import_is_being_shown_comes_too_late(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    take(store, ticket("known"))
    interrupt(monkeypatch, store, "import done", after=True)
    assert take(store, ticket("known", closed_at=at(5)), ticket("new")).new == 1
    assert [case(store, name)["stage"] for name in ("known", "new")] == ["closed", "registered"]
    assert counts(store, 2)["status"] == "done"
    sound(store)


def test_an_interrupt_before_the_import_is_shown_undoes_it(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    take(store, ticket("known"))
    before = contents(store)
    goes_on = Event()

    def wait() -> None:
        store.writer.run(lambda con: goes_on.wait(10) and None)
        interrupt(monkeypatch, store, "import done", after=False)
        run = store.writer.run

        def watched(job: Any, **says: Any) -> Any:
            if says.get("label") == "import undone":
                goes_on.set()
            return run(job, **says)

        monkeypatch.setattr(store.writer, "run", watched)

    with begin(store) as intake:
        fill(intake)
        with pytest.raises(KeyboardInterrupt):
            intake.finish(progress=Stop("switch", wait))
    assert contents(store) == before
    assert counts(store, intake.import_id)["status"] == "cancelled"
    sound(store)


def test_an_interrupt_while_an_import_begins_leaves_none_running(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    interrupt(monkeypatch, store, "import begins", after=True)
    with pytest.raises(KeyboardInterrupt):
        begin(store)
    monkeypatch.undo()
    assert counts(store, 1)["status"] == "cancelled"
    assert take(store, ticket("a")).new == 1


def test_leaving_early_cancels(store: Store) -> None:
    before = contents(store)
    with begin(store) as intake:
        fill(intake)
    assert counts(store, intake.import_id)["status"] == "cancelled"
    intake = begin(store)
    fill(intake)
    intake.__exit__(ValueError, ValueError("the reader broke"), None)
    assert counts(store, intake.import_id)["status"] == "failed"
    assert contents(store) == before


@pytest.mark.usefixtures("small_chunks")
def test_what_a_crash_left_is_gone_at_the_next_opening(store: Store, settings: Settings, tmp_path: Path) -> None:
    take(store, ticket("before"))
    before = contents(store)
    copies: list[Path] = []

    def crash() -> None:
        store.writer.run(lambda con: None).result()
        copy = tmp_path / "copy"
        copy.mkdir()
        for file in settings.home.glob("jingwei.duckdb*"):
            (copy / file.name).write_bytes(file.read_bytes())
        copies.append(copy)
        raise Cancelled("as if the power failed")

    with begin(store) as intake:
        fill(intake)
        with pytest.raises(Cancelled):
            intake.finish(progress=Stop("switch", crash))
    with Store.open(copies[0], settings) as reopened:
        assert contents(reopened) == before
        assert counts(reopened, intake.import_id)["status"] == "failed"
        assert purge_unfinished(reopened) == []
        assert take(reopened, ticket("t1")).new == 1


def test_only_one_import_runs_at_a_time(store: Store) -> None:
    with begin(store), pytest.raises(Refused, match="still running"):
        begin(store)
    with begin(store) as intake:
        fill(intake)
        assert intake.finish().new == 7


@pytest.mark.usefixtures("small_chunks")
def test_live_moves_go_on_during_an_import(store: Store) -> None:
    take(store, ticket("live"))
    receipts = []

    def move() -> None:
        receipts.append(store.writer.submit(Move(1, "accepted", at(2), "k")).result(timeout=10))
        with pytest.raises(NotFound):  # a case that is not there yet
            store.writer.submit(Move(3, "accepted", at(2), "k2")).result(timeout=10)

    with begin(store) as intake:
        fill(intake)
        intake.finish(progress=Stop("write", move))
    assert [receipt.seq for receipt in receipts] == [3]
    assert case(store, "live")["stage"] == "accepted"
    sound(store)


def test_a_move_during_an_import_that_updates_the_same_case_is_not_lost(store: Store) -> None:
    take(store, ticket("a"))
    with begin(store) as intake:
        table = staged([ticket("a", closed_at=at(5))])
        intake.stage(table, placed(table))
        move = Stop("switch", lambda: store.writer.submit(Move(1, "extended", at(2), "k", due_at=at(30))).result())
        intake.finish(progress=move)
    assert [action for (action,) in lines(store, "a", "action")] == [
        "reported", "registered", "extended", "closed", "corrected",
    ]  # fmt: skip
    assert (case(store, "a")["stage"], case(store, "a")["due_at"]) == ("closed", None)
    sound(store)


def test_ids_are_unique_within_their_source(store: Store) -> None:
    take(store, ticket("1"), source="boston")
    assert take(store, ticket("1"), source="new york").new == 1
    names = store.rows("SELECT name FROM source ORDER BY source_id")
    assert [row["name"] for row in names] == ["boston", "new york"]


def test_ids_that_another_source_knows_are_told(store: Store) -> None:
    tickets = [ticket(str(n)) for n in range(6)]
    take(store, *tickets, source="tickets-0701")
    assert take(store, *tickets[:2], *[ticket(f"b{n}") for n in range(3)], source="other").warnings == ()
    report = take(store, *tickets[3:], ticket("x"), source="tickets-0702")
    assert report.new == 4
    assert report.warnings == (
        '3 of 4 ids are known from source "tickets-0701" already and came in once more as "tickets-0702"; if both are '
        'one system, go back to a backup and import with source = "tickets-0701"',
    )
    assert take(store, *tickets[3:], source="tickets-0702").warnings == ()  # said once
