"""Tells units' own systems of their cases: one thread, apart from the event loop, that posts what `data/webhooks.py` holds.

A delivery is a JSON object, signed: X-Jingwei-Signature is "v1=" and the HMAC-SHA256, with the webhook's secret, of the timestamp, a
full stop and the body. The receiver recomputes it and refuses timestamps older than five minutes, so that nobody can make one up or
send one again. Only addresses an administrator entered are asked, no redirect is followed, no answer is read, no proxy is believed.
One address that does not answer holds up no other for longer than one attempt a round.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import threading
import time
from collections.abc import Callable, Mapping
from datetime import UTC, datetime

import requests
import structlog

from data import webhooks
from data.errors import JingweiError
from data.store import Store
from data.webhooks import Delivery
from data.writer import Commit

log = structlog.get_logger(__name__)

TIMEOUT = (5.0, 10.0)  # to connect, to answer
GATHER_SECONDS = 0.2  # moves that come together are told together
LONGEST_SLEEP = 60.0
TIDY_SECONDS = 86_400.0
Post = Callable[[str, bytes, Mapping[str, str]], int]


def signature(secret: str, timestamp: str, body: bytes) -> str:
    """What proves that a delivery is ours."""
    return "v1=" + hmac.new(secret.encode(), timestamp.encode() + b"." + body, hashlib.sha256).hexdigest()


def post(url: str, body: bytes, headers: Mapping[str, str]) -> int:
    """Post it; the status of the answer. Raises requests' errors."""
    with requests.Session() as session:
        session.trust_env = False
        answer = session.post(url, body, headers=dict(headers), timeout=TIMEOUT, allow_redirects=False, stream=True)
        with answer:
            return int(answer.status_code)


class Deliverer:
    """The thread of one open store."""

    def __init__(self, store: Store, send: Post = post) -> None:
        self._store, self._send = store, send
        self._wake = threading.Event()
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._work, name="webhooks", daemon=True)
        self._tidied = float("-inf")

    def start(self) -> None:
        """Begin, with what an earlier run left."""
        self._store.writer.on_commit(self._told)
        self._wake.set()
        self._thread.start()

    def close(self) -> None:
        """End; an attempt under way is finished, or made again after the next start."""
        self._ended.set()
        self._wake.set()
        if self._thread.ident is not None:
            self._thread.join(sum(TIMEOUT) + 1)

    def round(self) -> int:
        """Gather what is new, and try each delivery that is due; how many were tried."""
        if not webhooks.any_hook(self._store):
            return 0
        webhooks.gather(self._store)
        outcomes: dict[int, str | None] = {}
        silent: set[int] = set()
        for one in webhooks.due(self._store):
            if self._ended.is_set():
                break
            if one.hook_id in silent:
                continue
            wrong = self._tried(one)
            outcomes[one.delivery_id] = wrong
            if wrong is not None:
                silent.add(one.hook_id)
        if outcomes:
            webhooks.settle(self._store, outcomes)
        return len(outcomes)

    def _tried(self, one: Delivery) -> str | None:
        """What went wrong, null if nothing did."""
        body = json.dumps(one.body, ensure_ascii=False).encode()
        timestamp = str(int(time.time()))
        headers = {
            "content-type": "application/json",
            "user-agent": "Jingwei",
            "x-jingwei-delivery": str(one.delivery_id),
            "x-jingwei-timestamp": timestamp,
            "x-jingwei-signature": signature(one.secret, timestamp, body),
        }
        try:
            status = self._send(one.url, body, headers)
        except requests.RequestException as error:
            return type(error).__name__
        return None if 200 <= status < 300 else f"answered {status}"

    def _told(self, commit: Commit) -> None:
        if commit.receipts:
            self._wake.set()

    def _work(self) -> None:
        while not self._ended.is_set():
            try:
                self._tidy()
                tried = self.round()
                pause = 0.0 if tried else self._pause()
            except JingweiError as error:
                if self._ended.is_set():
                    return
                log.warning("units' systems could not be told", error=str(error))
                pause = LONGEST_SLEEP
            except Exception:  # the edge of the thread: it must not end before the server does
                log.exception("units' systems could not be told")
                pause = LONGEST_SLEEP
            if self._wake.wait(pause) and not self._ended.wait(GATHER_SECONDS):
                self._wake.clear()

    def _pause(self) -> float:
        at = webhooks.next_due(self._store)
        left = LONGEST_SLEEP if at is None else (at - datetime.now(UTC)).total_seconds()
        return min(max(left, GATHER_SECONDS), LONGEST_SLEEP)

    def _tidy(self) -> None:
        if time.monotonic() - self._tidied > TIDY_SECONDS:
            webhooks.forget(self._store)
            self._tidied = time.monotonic()
