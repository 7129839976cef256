"""Cases follow their building: located anew once a plan has come into force, while the plan before goes on serving figures."""

from __future__ import annotations

import threading

import structlog

from data.atlas import atlases
from data.enacting import LABEL
from data.errors import JingweiError
from data.progress import Reporter
from data.store import Store
from data.writer import Commit
from etl.locate import relocate

log = structlog.get_logger(__name__)


class Follower:
    """The thread of one open store."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._wake = threading.Event()
        self._progress = Reporter()
        self._ended = False
        self._thread = threading.Thread(target=self._work, name="follow-plans", daemon=True)

    def start(self) -> None:
        """Begin, with what an earlier run left."""
        self._store.writer.on_commit(self._told)
        if atlases(self._store, current=False):
            self._wake.set()
        self._thread.start()

    def close(self) -> None:
        """End; what is left is done after the next start."""
        self._ended = True
        self._progress.stop()
        self._wake.set()
        if self._thread.ident is not None:
            self._thread.join(30)

    def _told(self, commit: Commit) -> None:
        if commit.label == LABEL:
            self._wake.set()

    def _work(self) -> None:
        while True:
            self._wake.wait()
            self._wake.clear()
            if self._ended:
                return
            try:
                log.info("cases follow the plan in force", cases=relocate(self._store, self._progress))
            except JingweiError as error:
                log.warning("cases could not be located anew", error=str(error))
