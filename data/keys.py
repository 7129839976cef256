"""The keys of recent writes: a write that is sent again is answered with its first receipt and not done twice.

A client that saw no answer cannot know whether the commit landed (after a kill -9 some had), so it repeats the write under
the same key. The receipts of the last week, at most the last 200,000, are held in memory and rebuilt at start: those of
moves from the ledger, those of jobs from table `job_done`.
"""

from __future__ import annotations

import json
from collections import OrderedDict
from datetime import datetime, timedelta
from typing import Any, Generic, TypeVar

from data.database import Connection

LIMIT = 200_000
WINDOW = timedelta(days=7)

T = TypeVar("T")


class RecentKeys(Generic[T]):
    """Key to first answer, oldest forgotten first. Not locked: its owner is."""

    def __init__(self, limit: int = LIMIT) -> None:
        self._answers: OrderedDict[str, T] = OrderedDict()
        self.limit = limit

    def __contains__(self, key: str) -> bool:
        return key in self._answers

    def __getitem__(self, key: str) -> T:
        return self._answers[key]

    def __len__(self) -> int:
        return len(self._answers)

    def remember(self, key: str, answer: T) -> None:
        """Keep the answer; the first one stays."""
        self._answers.setdefault(key, answer)
        while len(self._answers) > self.limit:
            self._answers.popitem(last=False)


def remembered_jobs(connection: Connection, now: datetime, limit: int = LIMIT) -> RecentKeys[Any]:
    """The keyed jobs of the last week and what they returned."""
    keys: RecentKeys[Any] = RecentKeys(limit)
    rows = connection.execute(
        "SELECT key, result FROM (SELECT * FROM job_done WHERE done_at >= ? ORDER BY done_at DESC LIMIT ?) ORDER BY done_at",
        [now - WINDOW, limit],
    ).fetchall()
    for key, result in rows:
        keys.remember(key, json.loads(result))
    return keys


def keep_job(connection: Connection, key: str, label: str, now: datetime, result: object) -> None:
    """Write down, in the job's own transaction, that it was done. The result must be something JSON can hold."""
    connection.execute("INSERT INTO job_done VALUES (?, ?, ?, ?)", [key, label, now, json.dumps(result)])


def forget_old_jobs(connection: Connection, now: datetime) -> None:
    """Drop the jobs older than the window."""
    connection.execute("DELETE FROM job_done WHERE done_at < ?", [now - WINDOW])
