"""Uploaded files lie under names of ours and leave nothing behind when they break off."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from dashboard.uploads import Uploads, safe_name
from data.errors import FileError, NotFound


async def chunks(*parts: bytes) -> AsyncIterator[bytes]:
    for part in parts:
        yield part


async def broken() -> AsyncIterator[bytes]:
    yield b"half"
    raise ConnectionError


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
    ],
)
def test_only_the_last_part_of_a_name_is_kept(given: str, kept: str) -> None:
    assert safe_name(given) == kept


def test_a_file_comes_back_by_its_token(tmp_path: Path) -> None:
    uploads = Uploads(tmp_path)
    upload = asyncio.run(uploads.receive("%E5%B7%A5%E5%8D%95.csv", chunks(b"a,b\n", b"1,2\n")))
    assert uploads.get(upload.token).path.read_bytes() == b"a,b\n1,2\n"
    assert upload.name == "工单.csv"
    uploads.remove(upload.token)
    with pytest.raises(NotFound):
        uploads.get(upload.token)


def test_a_token_that_is_none_finds_nothing(tmp_path: Path) -> None:
    (tmp_path / "uploads").mkdir()
    (tmp_path / "secret").write_text("x")
    with pytest.raises(NotFound):
        Uploads(tmp_path).get("..")


@pytest.mark.parametrize(("body", "error"), [(chunks(), FileError), (broken(), ConnectionError)])
def test_an_empty_or_broken_upload_leaves_nothing(
    tmp_path: Path, body: AsyncIterator[bytes], error: type[Exception]
) -> None:
    with pytest.raises(error):
        asyncio.run(Uploads(tmp_path).receive("a.csv", body))
    assert list((tmp_path / "uploads").iterdir()) == []
