"""How DuckDB is opened: locked down first, user data last.

Everything that could reach outside (extensions by name, files, other databases, settings) is shut before the store's
file is attached. The file is attached to an empty instance instead of being opened as its main database, so that even
the replay of its log happens behind the locks. Spatial comes from the installed wheel, by path: nothing is downloaded.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import duckdb
import duckdb_extension_spatial

from data.errors import StoreBusy, StoreDamaged, StoreError, StoreNewer
from data.faults import of_the_disk
from data.settings import Settings

CATALOG = "jingwei"
EXPORTS, BACKUPS = "exports", "backups"
CHECKPOINT_BYTES = "1GB"  # a safety net only; the writer checkpoints on its own clock
CGROUP = Path("/sys/fs/cgroup/memory.max")

Connection = duckdb.DuckDBPyConnection


def records(answer: Connection) -> list[dict[str, Any]]:
    """What a statement answered, a dictionary a row."""
    names = [column[0] for column in answer.description or []]
    return [dict(zip(names, row, strict=True)) for row in answer.fetchall()]


def machine_memory() -> int:
    """Bytes of memory of this machine, or of the container if it has less."""
    total = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    try:
        limit = CGROUP.read_text().strip()
    except OSError:
        return total
    return min(total, int(limit)) if limit.isdigit() else total


def spatial_extension() -> Path:
    """The spatial extension inside the installed wheel, for exactly this DuckDB."""
    folder = Path(duckdb_extension_spatial.__file__).parent / "extensions"
    file = folder / f"v{duckdb.__version__}" / "spatial.duckdb_extension"
    if not file.is_file():
        raise StoreError(
            f"the spatial extension for DuckDB {duckdb.__version__} is not installed.",
            where=str(folder),
            todo="Install the pinned requirements again.",
        )
    return file


def quoted(value: str | Path) -> str:
    """A SQL string literal; ATTACH and SET take no parameters."""
    return "'" + str(value).replace("'", "''") + "'"


def open_instance(settings: Settings, scratch: Path, allowed: Sequence[Path] = ()) -> Connection:
    """An empty, configured instance. scratch: where it may spill; allowed: the only folders SQL may name."""
    for folder in (scratch, *allowed):
        folder.mkdir(parents=True, exist_ok=True)
    connection = duckdb.connect(":memory:")
    connection.load_extension(str(spatial_extension()))
    megabytes = max(256, int(machine_memory() * settings.memory_share / 1e6))
    spill = max(1000, int(shutil.disk_usage(scratch).free / 2e6))
    folders = ", ".join(quoted(f"{folder.resolve()}/") for folder in allowed)
    for statement in (
        "SET GLOBAL TimeZone = 'UTC'",
        f"SET GLOBAL memory_limit = '{megabytes}MB'",
        f"SET GLOBAL threads = {settings.threads or os.cpu_count() or 1}",
        f"SET GLOBAL temp_directory = {quoted(scratch.resolve())}",
        f"SET GLOBAL max_temp_directory_size = '{spill}MB'",
        f"SET GLOBAL checkpoint_threshold = '{CHECKPOINT_BYTES}'",
        f"SET GLOBAL allowed_directories = [{folders}]",
        "SET GLOBAL autoload_known_extensions = false",
        "SET GLOBAL autoinstall_known_extensions = false",
    ):
        connection.execute(statement)
    return connection


def lock_down(connection: Connection) -> None:
    """Shut the file system and the settings for good."""
    connection.execute("SET GLOBAL enable_external_access = false")
    connection.execute("SET GLOBAL lock_configuration = true")


def open_file(home: Path, file: Path, settings: Settings) -> Connection:
    """The instance with `file` attached as the current catalog; the file is made new when it does not exist.

    SQL may name files in exports/ and backups/ of `home` and nothing else. Raises StoreBusy, StoreDamaged or
    StoreNewer. Cursors of the connection need `use` once.
    """
    connection = open_instance(settings, home / "tmp", [home / EXPORTS, home / BACKUPS])
    _attach(connection, file, "STORAGE_VERSION 'latest'")
    return connection


@contextmanager
def opened_alone(file: Path, settings: Settings) -> Iterator[Connection]:
    """A file opened read-only, outside any store, touching nothing beside it. Raises as `open_file` does."""
    with tempfile.TemporaryDirectory(prefix="jingwei-") as scratch:
        connection = open_instance(settings, Path(scratch))
        _attach(connection, file, "READ_ONLY")
        try:
            yield connection
        finally:
            connection.close()


def _attach(connection: Connection, file: Path, options: str) -> None:
    """Attach the file, then shut everything else; a connection that failed is closed."""
    try:
        connection.execute(f"ATTACH {quoted(file)} AS {CATALOG} ({options})")
        use(connection)
    except duckdb.Error as error:
        connection.close()
        raise _explained(error, file) from error
    lock_down(connection)


def use(connection: Connection) -> None:
    """Make the store's catalog the current one; a cursor does not inherit it."""
    connection.execute(f"USE {CATALOG}")


def _explained(error: duckdb.Error, file: Path) -> StoreError:
    """DuckDB's message as one of our errors."""
    text = str(error).splitlines()[0]
    if "set lock" in text or "Conflicting lock" in text or "already attached" in text:
        return StoreBusy(
            f"another process holds the store ({text}).",
            where=str(file),
            todo="If a server is running, give it the command through its control socket; otherwise wait for the "
            "other command to end.",
        )
    if "newer" in text or "version number" in text:
        return StoreNewer(
            f"a later version of the database wrote this file ({text}).",
            where=str(file),
            todo="Start the later version of the program, or restore a backup made by this one.",
        )
    if (meant := of_the_disk(text, str(file))) is not None:
        return meant
    return StoreDamaged(
        f"the file cannot be read as a store ({text}).",
        where=str(file),
        todo="Restore the latest backup; the file is left as it is.",
    )


def sync(path: Path) -> None:
    """Make sure that a file's content, or a folder's names, are on disk."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
