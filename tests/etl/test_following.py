"""Files dropped into a folder: taken once they stand still, and put where one sees what became of them."""

from __future__ import annotations

from pathlib import Path

import pytest

from data.errors import FileError, InputError, StoreBusy
from etl.following import Follower


class Import:
    """An import that does as it is told."""

    def __init__(self) -> None:
        self.error: Exception | None = None
        self.took: list[str] = []

    def __call__(self, file: Path) -> dict[str, str]:
        self.took.append(file.read_text())
        if self.error:
            raise self.error
        return {"file": file.name}


def names(folder: Path) -> list[str]:
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())


def test_a_file_is_taken_once_it_has_stopped_growing(tmp_path: Path) -> None:
    work = Import()
    follower = Follower(tmp_path, work)
    (tmp_path / "a.csv").write_text("one")
    assert follower.look() == []
    (tmp_path / "a.csv").write_text("one, two")
    assert follower.look() == []
    [taken] = follower.look()
    assert (taken.result, work.took, names(tmp_path)) == ({"file": "a.csv"}, ["one, two"], ["done/a.csv"])
    assert follower.look() == []


def test_a_second_file_of_the_same_name_is_kept_beside_the_first(tmp_path: Path) -> None:
    follower = Follower(tmp_path, Import())
    for text in ("one", "two", "three"):
        (tmp_path / "a.csv").write_text(text)
        follower.look()
        follower.look()
    assert names(tmp_path) == ["done/a-2.csv", "done/a-3.csv", "done/a.csv"]


def test_what_cannot_be_taken_lies_beside_its_reason(tmp_path: Path) -> None:
    work = Import()
    work.error = FileError("it is no table.", where="a.csv", todo="Send a table.")
    follower = Follower(tmp_path, work)
    (tmp_path / "a.csv").write_text("x")
    follower.look()
    [taken] = follower.look()
    assert taken.error is work.error
    assert names(tmp_path) == ["failed/a.csv", "failed/a.csv.reason.txt"]
    assert (tmp_path / "failed/a.csv.reason.txt").read_text() == "it is no table.\na.csv\nSend a table.\n"


def test_while_the_store_is_busy_the_file_waits(tmp_path: Path) -> None:
    work = Import()
    work.error = StoreBusy("busy")
    follower = Follower(tmp_path, work)
    (tmp_path / "a.csv").write_text("x")
    assert [follower.look(), follower.look()] == [[], []]
    work.error = None
    assert [one.file.name for one in follower.look()] == ["a.csv"]


def test_hidden_unfinished_and_empty_files_and_links_are_left_alone(tmp_path: Path) -> None:
    for name in (".a.csv", "b.csv.part", "c.tmp"):
        (tmp_path / name).write_text("x")
    (tmp_path / "empty.csv").touch()
    (tmp_path / "link.csv").symlink_to("/etc/hostname")
    follower = Follower(tmp_path, Import())
    assert [follower.look(), follower.look()] == [[], []]


def test_a_folder_that_is_not_there_is_said(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no such folder"):
        Follower(tmp_path / "x", Import())
