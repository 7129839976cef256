"""A bulletin from beginning to end: counted in the store, printed in a worker, its files written, and written down as issued."""

from __future__ import annotations

import shutil
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from typing import Any

from dashboard.bulletin.asking import About, about, kind_of, period_of
from dashboard.bulletin.counting import bulletin_of
from dashboard.bulletin.printing import printed
from dashboard.bulletin.template import template, word_template
from dashboard.languages import LANGUAGES, language, use
from data.acting import acting
from data.bulletins import WHAT, Bulletin, File, bulletin, new_id, next_number, put, role_for
from data.errors import InputError, NotFound, StoreError
from data.periods import Period
from data.progress import Progress
from data.store import Store
from etl.jobs import run_in_worker

FOLDER = "bulletins"  # of the home


def run_bulletin(store: Store, args: dict[str, Any], progress: Progress) -> dict[str, Any]:
    """The command: what (monthly, weekly), period (default: the last whole one), place (code; default: the district), language,
    out (a folder the files are copied to)."""
    told = str(args.get("what") or "monthly")
    if told not in WHAT[:2]:
        raise InputError(f'"{told}" is no kind of bulletin.', where="what", todo="Choose monthly or weekly.")
    chosen = str(args.get("language") or "zh")
    if chosen not in LANGUAGES:
        raise InputError(
            f'there is no language "{chosen}".', where="language", todo=f"There are {', '.join(LANGUAGES)}."
        )
    before = language()
    use(chosen)
    try:
        period = period_of(store, told, str(args.get("period") or ""), store.now())
        made = issue(store, kind_of(period), period, str(args.get("place") or ""), progress)
    finally:
        use(before)
    return {"bulletin": made.bulletin_id, "files": [str(one) for one in copied(store, made, args.get("out"))]}


def issue(store: Store, what: str, period: Period, code: str, progress: Progress) -> Bulletin:
    """Issue one in the reader's language. Raises InputError, NotFound, Refused, Cancelled; then nothing is left of it."""
    now = store.now()
    of = about(store, what, period, code, now)
    role_for(store, of.place_id, acting())
    found = template(store.home)
    number = next_number(store, what, of.place_id, period)
    content = bulletin_of(store, of, found, number, progress)
    told = {"bulletin": content, "template": found, "word_file": str(word_template(store.home, language()))}
    files = dict(run_in_worker(printed, told, progress=progress))
    return _kept(store, of, number, now, files)


def _kept(store: Store, of: About, number: int, now: datetime, files: dict[str, bytes]) -> Bulletin:
    number_of = new_id(store)
    folder = folder_of(store, number_of)
    try:
        written = tuple(_written(folder, f"{of.what}-{of.code or store.deployment.code}-{of.period.start:%Y%m%d}.{form}", content)
                        for form, content in files.items())  # fmt: skip
        made = Bulletin(
            number_of, of.what, of.place_id, of.place, of.period.start, of.period.end, number, language(), of.asked.as_of, now,
            written, now, acting().name, "",
        )  # fmt: skip
        put(store, made, acting())
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise
    return made


def _written(folder: Path, name: str, content: bytes) -> File:
    try:
        folder.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(content)
    except OSError as error:
        raise StoreError(
            f"the bulletin cannot be written ({error.strerror}).", where=name, todo="Make room on the disk."
        ) from None
    return File(name, len(content), sha256(content).hexdigest())


def folder_of(store: Store, bulletin_id: int) -> Path:
    """Where a bulletin's files lie."""
    return store.home / FOLDER / f"{bulletin_id:06d}"


def copied(store: Store, made: Bulletin, out: str | None) -> list[Path]:
    """Its files; copied to a folder where one is named."""
    own = [folder_of(store, made.bulletin_id) / one.name for one in made.files]
    if not out:
        return own
    try:
        Path(out).mkdir(parents=True, exist_ok=True)
        return [Path(shutil.copy(one, out)) for one in own]
    except OSError as error:
        raise InputError(f"the files cannot be copied there ({error.strerror}).", where=str(out)) from None


def content_of(store: Store, bulletin_id: int, name: str) -> bytes:
    """A file's bytes, when they are still those that were issued. Raises NotFound, StoreError."""
    made = bulletin(store, bulletin_id)
    file = next((one for one in made.files if one.name == name), None)
    if file is None:
        raise NotFound("the bulletin has no such file.", where=name)
    try:
        content = (folder_of(store, bulletin_id) / name).read_bytes()
    except OSError:
        raise NotFound("the file is no longer there.", where=name, todo="Issue the bulletin again.") from None
    if sha256(content).hexdigest() != file.sha256:
        raise StoreError("the file was changed after it was issued.", where=name, todo="Issue the bulletin again.")
    return content
