"""Uploaded files lie under names of ours and leave nothing behind when they break off."""

from __future__ import annotations

import asyncio
import errno
import os
import time
from collections.abc import AsyncIterator, Coroutine
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, TypeVar

import pytest
from starlette.requests import ClientDisconnect

from dashboard.uploads import Uploads, safe_name
from data.errors import FileError, NotFound

T = TypeVar("T")


def finished(work: Coroutine[Any, Any, T]) -> T:
    """The result of a coroutine, on a thread of its own: a browser test before this one may have left a loop running here."""
    with ThreadPoolExecutor(1) as worker:
        return worker.submit(asyncio.run, work).result()


async def chunks(*parts: bytes) -> AsyncIterator[bytes]:
    for part in parts:
        yield part


async def broken() -> AsyncIterator[bytes]:
    yield b"half"
    raise ClientDisconnect


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("工单.csv", "工单.csv"),
        ("../../etc/passwd", "passwd"),
        ("C:\\Users\\a\\b.xlsx", "b.xlsx"),
        ("..", "file"),
        (".hidden", "hidden"),
        ('a"b<c>.csv', "a_b_c_.csv"),
        ("", "file"),
        ("中" * 200 + ".csv", "中" * 65 + ".csv"),
        ("a" * 5000 + ".csv", "a" * 196 + ".csv"),
    ],
)
def test_only_the_last_part_of_a_name_is_kept(given: str, kept: str) -> None:
    assert safe_name(given) == kept


def test_a_file_comes_back_by_its_token(tmp_path: Path) -> None:
    uploads = Uploads(tmp_path)
    upload = finished(uploads.receive("%E5%B7%A5%E5%8D%95.csv", chunks(b"a,b\n", b"1,2\n")))
    assert uploads.get(upload.token).path.read_bytes() == b"a,b\n1,2\n"
    assert upload.name == "工单.csv"
    uploads.remove(upload.token)
    with pytest.raises(NotFound):
        uploads.get(upload.token)


def test_the_oldest_files_make_way(tmp_path: Path) -> None:
    uploads = Uploads(tmp_path, room=25)
    tokens = [finished(uploads.receive(f"{i}.csv", chunks(b"x" * 10))).token for i in range(3)]
    for age, token in enumerate(reversed(tokens)):
        os.utime(uploads.folder / token, (time.time() - age, time.time() - age))
    kept = [*tokens[1:], finished(uploads.receive("3.csv", chunks(b"x"))).token]
    assert {folder.name for folder in uploads.folder.iterdir()} == set(kept)


def test_a_full_disk_is_said_and_leaves_nothing(tmp_path: Path) -> None:
    async def full() -> AsyncIterator[bytes]:
        yield b"half"
        raise OSError(errno.ENOSPC, "No space left on device")

    with pytest.raises(FileError, match=r"cannot be kept here \(No space left on device"):
        finished(Uploads(tmp_path).receive("a.csv", full()))
    assert list((tmp_path / "uploads").iterdir()) == []


def test_a_token_that_is_none_finds_nothing(tmp_path: Path) -> None:
    (tmp_path / "uploads").mkdir()
    (tmp_path / "secret").write_text("x")
    with pytest.raises(NotFound):
        Uploads(tmp_path).get("..")


@pytest.mark.parametrize(("body", "error"), [(chunks(), FileError), (broken(), ClientDisconnect)])
def test_an_empty_or_broken_upload_leaves_nothing(
    tmp_path: Path, body: AsyncIterator[bytes], error: type[Exception]
) -> None:
    with pytest.raises(error):
        finished(Uploads(tmp_path).receive("a.csv", body))
    assert list((tmp_path / "uploads").iterdir()) == []
