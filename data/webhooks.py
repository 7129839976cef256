"""Which units' own systems are told of their cases, and what is still on its way to them.

The ledger is what is told: each of its lines that concerns a unit becomes a delivery, made after the commit from the ledger
itself, so that a kill between the two loses nothing. Deliveries are rows, so a restart goes on where it stopped; one is
done when the other side said so, and given up (dead) when it has not for a day and a half.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from data import audit
from data.actors import Actor
from data.database import Connection
from data.errors import InputError, NotFound

if TYPE_CHECKING:
    from data.store import Store

KEPT = timedelta(days=7)
PAUSES = tuple(timedelta(seconds=s) for s in (10, 60, 300, 1800, 7200, 21_600, 43_200, 54_000))
BEHIND = timedelta(seconds=60)  # what waits behind one that failed is not tried before
AT_ONCE = 20  # deliveries of one address in a round
LONGEST_URL = 500
SEEN_AGAIN = timedelta(seconds=60)  # how much of the ledger may be looked at again before that is written down


@dataclass(frozen=True)
class Delivery:
    """One line of the ledger for one address. `body` is what the other side reads."""

    delivery_id: int
    hook_id: int
    url: str
    secret: str
    attempts: int
    body: dict[str, Any]


def check_url(url: str) -> str:
    """The address, if it is one that can be posted to. Raises InputError."""
    try:
        parts = urlsplit(url)
        good = parts.scheme in ("http", "https") and parts.hostname and (parts.port is None or parts.port > 0)
    except ValueError:
        good = False
    if not good or parts.username is not None or parts.fragment or len(url) > LONGEST_URL or not url.isprintable():
        raise InputError(
            "this is no address that can be told.",
            where=url[:100],
            todo="Give https://host/path, without a user's name.",
        )
    return url


def add_hook(store: Store, by: Actor, unit_id: int, url: str) -> tuple[int, str]:
    """Tell a unit's system at an address from now on; its number, and the secret its deliveries are signed with."""
    secret, at = secrets.token_urlsafe(32), store.now()

    def job(con: Connection) -> int:
        row = con.execute("SELECT nextval('hook_ids')").fetchone()
        number = int(row[0]) if row else 0
        con.execute(
            "INSERT INTO webhook VALUES (?, ?, ?, ?, ?, ?, NULL)", [number, unit_id, check_url(url), secret, at, at]
        )
        audit.put(con, at, audit.Entry("setting", by, detail={"webhook": number, "unit": unit_id, "address": url}))
        return number

    return store.writer.run(job, label="webhook", quiet=True).result(), secret


def stop_hook(store: Store, by: Actor, hook_id: int) -> None:
    """Tell an address no more; what was on its way to it is dropped. Raises NotFound."""

    def job(con: Connection) -> None:
        at = store.now()
        found = con.execute(
            "UPDATE webhook SET stopped_at = $at WHERE hook_id = $hook AND stopped_at IS NULL RETURNING hook_id",
            {"at": at, "hook": hook_id},
        ).fetchone()
        if found is None:
            raise NotFound("there is no such webhook.", where=str(hook_id), todo="See `webhook list`.")
        con.execute("DELETE FROM webhook_delivery WHERE hook_id = ? AND delivered_at IS NULL", [hook_id])
        audit.put(con, at, audit.Entry("setting", by, detail={"webhook": hook_id, "stopped": True}))

    store.writer.run(job, label="webhook", quiet=True).result()


def hooks(store: Store) -> list[dict[str, Any]]:
    """The addresses told, with how much waits for each and how much was given up."""
    return store.rows(
        """SELECT h.hook_id, u.code AS unit, u.name AS unit_name, h.url, h.made_at,
               count(d.delivery_id) FILTER (d.delivered_at IS NULL AND d.dead_at IS NULL) AS waiting,
               count(d.delivery_id) FILTER (d.dead_at IS NOT NULL) AS dead, max(d.delivered_at) AS last_delivered
           FROM webhook h LEFT JOIN unit u USING (unit_id) LEFT JOIN webhook_delivery d USING (hook_id)
           WHERE h.stopped_at IS NULL GROUP BY ALL ORDER BY h.hook_id"""
    )


def any_hook(store: Store) -> bool:
    """Whether anybody is told."""
    return bool(store.rows("SELECT 1 FROM webhook WHERE stopped_at IS NULL LIMIT 1"))


def gather(store: Store) -> int:
    """Make deliveries of the ledger's new lines; how many. Sought by a reader, so that the writer only writes them."""
    since, until = store.rows(
        """SELECT s.since, (SELECT max(recorded_at) FROM transition WHERE recorded_at >= s.since) AS until
           FROM (SELECT min(told_until) AS since FROM webhook WHERE stopped_at IS NULL) s"""
    )[0].values()
    if until is None:
        return 0
    found = store.arrow(_NEW, {"since": since, "until": until})
    if not found.num_rows and until - since < SEEN_AGAIN:
        return 0

    def job(con: Connection) -> int:
        con.register("found", found)
        con.execute(
            """INSERT INTO webhook_delivery BY NAME SELECT nextval('delivery_ids') AS delivery_id, *, 0 AS attempts,
               $now AS next_at FROM found""",
            {"now": datetime.now(UTC)},
        )
        con.execute(
            "UPDATE webhook SET told_until = $until WHERE told_until < $until AND stopped_at IS NULL", {"until": until}
        )
        return int(found.num_rows)

    return store.writer.run(job, label="webhooks", quiet=True).result()


# Lines of the ledger that concern a unit somebody tells: it is in charge or helps, the line gives it the case, or takes it away.
# Several sets of moves can be recorded at one instant, so lines at `since` itself are looked at again.
_NEW = """SELECT h.hook_id, t.case_id, t.seq, t.recorded_at
    FROM transition t JOIN cases c ON c.case_id = t.case_id
    JOIN webhook h ON h.stopped_at IS NULL AND t.recorded_at >= h.told_until
    LEFT JOIN case_life l ON l.case_id = t.case_id
    WHERE t.recorded_at >= $since AND t.recorded_at <= $until AND t.by_role IS DISTINCT FROM 'import'
        AND (t.unit_id = h.unit_id OR c.unit_id = h.unit_id OR list_contains(l.co_units, h.unit_id)
            OR EXISTS (FROM case_past p WHERE p.case_id = t.case_id AND p.unit_id = h.unit_id AND p.valid_to = t.occurred_at))
        AND NOT EXISTS (FROM webhook_delivery d WHERE d.hook_id = h.hook_id AND d.case_id = t.case_id AND d.seq = t.seq)
    ORDER BY t.recorded_at, t.case_id, t.seq"""


def due(store: Store, limit: int = 100) -> list[Delivery]:
    """The deliveries whose time has come, in the ledger's order."""
    rows = store.rows(
        f"""SELECT d.delivery_id, d.hook_id, h.url, h.secret, d.attempts, t.action, t.stage, t.seq, t.occurred_at, t.recorded_at,
               t.case_id, c.external_id AS number, c.kind, k.code AS category, u.code AS unit, c.due_at, c.handle_due_at,
               CASE WHEN n.erased_at IS NULL THEN n.body END AS note, c.lon, c.lat
           FROM webhook_delivery d JOIN webhook h ON h.hook_id = d.hook_id AND h.stopped_at IS NULL
           JOIN transition t ON t.case_id = d.case_id AND t.seq = d.seq JOIN cases c ON c.case_id = d.case_id
           LEFT JOIN category k USING (category_id) LEFT JOIN unit u ON u.unit_id = c.unit_id
           LEFT JOIN note n ON n.note_id = t.note_id
           WHERE d.delivered_at IS NULL AND d.dead_at IS NULL AND d.next_at <= $now
           QUALIFY row_number() OVER (PARTITION BY d.hook_id ORDER BY d.delivery_id) <= {AT_ONCE}
           ORDER BY d.delivery_id LIMIT {int(limit)}""",
        {"now": datetime.now(UTC)},
    )
    head = ("delivery_id", "hook_id", "url", "secret", "attempts")
    return [
        Delivery(**{name: row.pop(name) for name in head[1:]}, delivery_id=row["delivery_id"], body=_body(row))
        for row in rows
    ]


def _body(row: dict[str, Any]) -> dict[str, Any]:
    return {name: value.isoformat() if isinstance(value, datetime) else value for name, value in row.items()}


def next_due(store: Store) -> datetime | None:
    """When the next delivery's time comes; null while nothing waits."""
    rows = store.rows(
        """SELECT min(next_at) AS at FROM webhook_delivery d JOIN webhook h USING (hook_id)
           WHERE delivered_at IS NULL AND dead_at IS NULL AND h.stopped_at IS NULL"""
    )
    at = rows[0]["at"]
    return at if isinstance(at, datetime) else None


def settle(store: Store, outcomes: dict[int, str | None]) -> None:
    """Write down how attempts ended: null is delivered, else what went wrong, to be tried again later or given up."""

    def job(con: Connection) -> None:
        now = datetime.now(UTC)
        for number, wrong in outcomes.items():
            if wrong is None:
                con.execute(
                    "UPDATE webhook_delivery SET delivered_at = ?, attempts = attempts + 1, said = NULL WHERE delivery_id = ?",
                    [now, number],
                )
                continue
            row = con.execute("SELECT attempts FROM webhook_delivery WHERE delivery_id = ?", [number]).fetchone()
            tried = int(row[0]) if row else 0
            dead = now if tried >= len(PAUSES) else None
            again = now + PAUSES[min(tried, len(PAUSES) - 1)]
            con.execute(
                """UPDATE webhook_delivery SET attempts = attempts + 1, next_at = ?, dead_at = ?, said = ?
                   WHERE delivery_id = ?""",
                [again, dead, wrong[:200], number],
            )
            con.execute(
                """UPDATE webhook_delivery SET next_at = greatest(next_at, $later)
                   WHERE delivered_at IS NULL AND dead_at IS NULL AND delivery_id <> $number
                       AND hook_id = (SELECT hook_id FROM webhook_delivery WHERE delivery_id = $number)""",
                {"later": now + BEHIND, "number": number},
            )

    store.writer.run(job, label="webhooks", quiet=True).result()


def dead(store: Store) -> list[dict[str, Any]]:
    """What was given up, the newest first."""
    return store.rows(
        """SELECT d.delivery_id, d.hook_id, h.url, d.case_id, d.seq, d.attempts, d.dead_at, d.said
           FROM webhook_delivery d JOIN webhook h USING (hook_id)
           WHERE d.dead_at IS NOT NULL AND h.stopped_at IS NULL ORDER BY d.dead_at DESC, d.delivery_id DESC LIMIT 1000"""
    )


def revive(store: Store, by: Actor, hook_id: int) -> int:
    """Send what was given up for an address anew; how many."""

    def job(con: Connection) -> int:
        found = con.execute(
            """UPDATE webhook_delivery SET dead_at = NULL, attempts = 0, next_at = $now
               WHERE hook_id = $hook AND dead_at IS NOT NULL RETURNING delivery_id""",
            {"now": datetime.now(UTC), "hook": hook_id},
        ).fetchall()
        audit.put(con, store.now(), audit.Entry("setting", by, detail={"webhook": hook_id, "anew": len(found)}))
        return len(found)

    return store.writer.run(job, label="webhooks", quiet=True).result()


def forget(store: Store) -> None:
    """Drop deliveries done a week ago, save those at the very line the ledger was read to."""

    def job(con: Connection) -> None:
        con.execute(
            """DELETE FROM webhook_delivery WHERE delivered_at < $before
               AND recorded_at < (SELECT min(told_until) FROM webhook WHERE stopped_at IS NULL)""",
            {"before": datetime.now(UTC) - KEPT},
        )

    store.writer.run(job, label="webhooks", quiet=True).result()
