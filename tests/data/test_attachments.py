"""Pictures beside the store: what a case may have of them, and how they come back from a backup."""

from __future__ import annotations

import json
import shutil
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import pytest

from data.attachments import FOLDER, of_case
from data.backup import backup, manifest_of
from data.errors import InputError
from data.moves import Move
from data.restore import restore
from data.settings import Settings
from data.store import Store
from etl.pictures import known_pictures
from tests.made_cases import add_cases

NAMES = [f"{n:032x}.jpg" for n in range(9)]


@pytest.fixture
def case(store: Store) -> int:
    """A case without pictures."""
    store.writer.run(partial(add_cases, first=1, count=1, at=datetime(2024, 5, 1, tzinfo=UTC))).result()
    return 1


def lay(store: Store, *names: str, size: int = 3) -> None:
    """Pictures in the store's home."""
    (store.home / FOLDER).mkdir(exist_ok=True)
    for name in names:
        (store.home / FOLDER / name).write_bytes(b"x" * size)


def show(store: Store, case: int, *names: str) -> None:
    """A line of a case that names pictures."""
    said = json.dumps({"evidence": list(names)})
    at = datetime(2024, 5, 2, tzinfo=UTC)
    store.writer.submit(Move(case, "noted", at, key=names[0], payload=json.loads(said))).result()


def limited(store: Store, **limits: int) -> Store:
    store.settings = store.settings.model_copy(update=limits)
    return store


def test_a_picture_that_is_not_there_is_named_by_no_case(store: Store, case: int) -> None:
    lay(store, NAMES[0])
    assert known_pictures(store, NAMES[:1], case) == (NAMES[0],)
    for name in (NAMES[1], "../secret.jpg", NAMES[0].upper(), ""):
        with pytest.raises(InputError, match="no such picture"):
            known_pictures(store, [name], case)


def test_a_case_has_so_many_pictures_and_one_it_has_counts_once(store: Store, case: int) -> None:
    lay(limited(store, case_pictures=3), *NAMES)
    show(store, case, *NAMES[:2])
    assert of_case(store, case) == tuple(NAMES[:2])
    assert known_pictures(store, NAMES[1:3], case) == tuple(NAMES[1:3])
    with pytest.raises(InputError, match="at most 3 pictures; this one has 2"):
        known_pictures(store, NAMES[2:4], case)
    show(store, case, NAMES[2])
    assert known_pictures(store, NAMES[:3], case) == tuple(
        NAMES[:3]
    )  # an order that is sent twice is no fourth picture
    with pytest.raises(InputError, match="at most 3 pictures; this one has 0"):
        known_pictures(store, NAMES[:4])


def test_the_pictures_of_a_case_fill_no_more_than_they_may(store: Store, case: int) -> None:
    lay(limited(store, case_picture_megabytes=1), *NAMES[:3], size=500_000)
    show(store, case, NAMES[0])
    assert known_pictures(store, NAMES[1:2], case) == (NAMES[1],)
    with pytest.raises(InputError, match="may fill 1 MB"):
        known_pictures(store, NAMES[1:3], case)


def test_a_backup_holds_the_pictures_and_a_restore_brings_them_back_and_says_what_is_lost(
    store: Store, settings: Settings, case: int, tmp_path: Path
) -> None:
    lay(store, *NAMES[:2])
    show(store, case, *NAMES[:2])
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    first = backup(store, elsewhere / "monday.duckdb")
    lay(store, NAMES[2])
    show(store, case, *NAMES[2:4])  # of the last one there never was a file
    second = backup(store, elsewhere / "tuesday.duckdb")
    lay(store, NAMES[4])
    store.close()
    pictures = [json.loads(manifest_of(one).read_text())["pictures"] for one in (first, second)]
    assert pictures == [2, 3]
    assert sorted(one.name for one in (elsewhere / FOLDER).iterdir()) == NAMES[:3]
    shutil.rmtree(settings.home)
    done = restore(settings.home, second)
    assert (done.pictures.brought, done.pictures.missing) == (3, (NAMES[3],))
    assert sorted(one.name for one in (settings.home / FOLDER).iterdir()) == NAMES[:3]
    assert done.report is not None
    assert json.loads(done.report.read_text())["pictures_missing"] == [NAMES[3]]


def test_a_restore_overwrites_no_picture_and_one_disk_keeps_one_file(store: Store, settings: Settings) -> None:
    lay(store, NAMES[0])
    saved = backup(store)
    copy = saved.parent / FOLDER / NAMES[0]
    assert copy.stat().st_ino == (store.home / FOLDER / NAMES[0]).stat().st_ino
    lay(store, NAMES[1])
    store.close()
    done = restore(settings.home, saved)
    assert (done.pictures.brought, done.pictures.missing, done.report) == (0, (), None)
    assert sorted(one.name for one in (settings.home / FOLDER).iterdir()) == NAMES[:2]
