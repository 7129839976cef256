"""Named migrations: `data/migrations/NNNN_name.sql`, each in a transaction of its own, each applied once.

Follows sqlite-utils: the store remembers names, so a rerun does nothing, and a store that names a migration we do not
have was written by a later version of the program. A Python step of the same name runs after the SQL, in the same
transaction. The digest of an applied file is kept; a file that changed since is only logged, because the tables of an
existing store cannot be guessed from it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import duckdb
import structlog

from data.errors import StoreError, StoreNewer

log = structlog.get_logger(__name__)

FOLDER = Path(__file__).parent / "migrations"
Step = Callable[[duckdb.DuckDBPyConnection], None]
STEPS: Mapping[str, Step] = {}

TABLE = (
    "CREATE TABLE IF NOT EXISTS migration "
    "(name VARCHAR NOT NULL, digest VARCHAR NOT NULL, applied_at TIMESTAMPTZ NOT NULL)"
)


@dataclass(frozen=True)
class Migration:
    """One change of the tables: SQL, then an optional Python step."""

    name: str
    sql: str
    step: Step | None = None

    @property
    def digest(self) -> str:
        """SHA-256 of the SQL, to notice a file that was edited after it had been applied."""
        return hashlib.sha256(self.sql.encode()).hexdigest()


def known(folder: Path = FOLDER, steps: Mapping[str, Step] = STEPS) -> list[Migration]:
    """Every migration of this program, in order of name."""
    files = {file.stem: file.read_text(encoding="utf-8") for file in folder.glob("[0-9][0-9][0-9][0-9]_*.sql")}
    names = sorted({*files, *steps})
    return [Migration(name, files.get(name, ""), steps.get(name)) for name in names]


def applied(connection: duckdb.DuckDBPyConnection) -> dict[str, str]:
    """Name and digest of what the store has seen; empty for a file without our table."""
    tables = connection.execute(
        "SELECT count(*) FROM duckdb_tables() WHERE table_name = 'migration' AND database_name = current_database()"
    ).fetchone()
    if not tables or not tables[0]:
        return {}
    return dict(connection.execute("SELECT name, digest FROM migration ORDER BY name").fetchall())


def refuse_newer(names: set[str], migrations: list[Migration], where: str) -> None:
    """Raise StoreNewer when `names` holds a migration this program does not have."""
    unknown = sorted(names - {migration.name for migration in migrations})
    if unknown:
        raise StoreNewer(
            f"it was written by a later version of the program (it has seen {', '.join(unknown)}).",
            where=where,
            todo="Start that version, or restore a backup made by this one.",
        )


def migrate(
    connection: duckdb.DuckDBPyConnection, migrations: list[Migration] | None = None, *, where: str = "the store"
) -> list[str]:
    """Apply what is missing, one transaction each; returns the names applied. A failing one leaves no trace."""
    migrations = known() if migrations is None else migrations
    seen = applied(connection)
    refuse_newer(set(seen), migrations, where)
    for migration in migrations:
        if migration.name in seen and seen[migration.name] != migration.digest:
            log.warning("a migration was edited after this store had applied it", migration=migration.name)
    missing = [migration for migration in migrations if migration.name not in seen]
    for migration in missing:
        apply(connection, migration)
    return [migration.name for migration in missing]


def apply(connection: duckdb.DuckDBPyConnection, migration: Migration) -> None:
    """Apply one migration or roll all of it back."""
    connection.execute("BEGIN")
    try:
        connection.execute(TABLE)
        if migration.sql.strip():
            connection.execute(migration.sql)
        if migration.step is not None:
            migration.step(connection)
        connection.execute("INSERT INTO migration VALUES (?, ?, now())", [migration.name, migration.digest])
        connection.execute("COMMIT")
    except Exception as error:
        connection.execute("ROLLBACK")
        raise StoreError(
            f"the migration failed and was rolled back: {error}",
            where=migration.name,
            todo="The store is as it was; report this message.",
        ) from error
    log.info("migration applied", migration=migration.name)
