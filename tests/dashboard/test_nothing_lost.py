"""The server is killed while other programs open and move cases; whatever it acknowledged is there, once, and nothing is torn."""

from __future__ import annotations

import http.client
import json
import random
import signal
import socket
import threading
import time
from itertools import count
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from data.access import Access
from data.actors import PROGRAM
from data.checks import check
from data.responsibilities import CATEGORIES, UNITS, put_categories, put_units
from data.settings import Settings
from data.store import Store
from tests.dashboard.test_server_process import serve
from tests.dashboard.town import build, square

BATCH, LINES, CLIENTS = "/api/v1/cases:batch", 12, 3
X, Y = square("G1").centroid.coords[0]


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """The home of the town with a unit, a category and a program's key; the key lies beside it."""
    folder = tmp_path / "var"
    settings = Settings(home=folder, memory_share=0.1, threads=2)
    build(settings)
    with Store.open(folder, settings) as store:
        unit = {"code": "U1", "name": "管网中队", "kind": "department", "level": "street", "place_id": None}
        put_units(store, pa.Table.from_pylist([unit], schema=UNITS))
        leak = {"code": "leak", "name": "漏水", "track": "livelihood", "sla_hours": 16.0, "sla_clock": "working"}
        put_categories(store, pa.Table.from_pylist([leak], schema=CATEGORIES))
        access: Access = store.access
        account = access.accounts.add(PROGRAM, name="desk", roles=("operator", "dispatcher"), outside="desk@city")
        (tmp_path / "key").write_text(access.tokens.add_key(PROGRAM, "desk", account)[1])
    return folder


class Client(threading.Thread):
    """A program that opens cases and moves those it has opened, a batch after the other, until the server is gone."""

    def __init__(self, port: int, key: str, name: str) -> None:
        super().__init__(daemon=True)
        self.port, self.key, self.stem = port, key, name
        self.answers: dict[str, tuple[int, int]] = {}  # key → case, line
        self.sent: list[dict[str, Any]] = []

    def run(self) -> None:
        mine: list[int] = []
        for number in count():
            lines = [self._line(f"{self.stem}-{number}-{i}", i, mine) for i in range(LINES)]
            self.sent = lines
            try:
                told = send(self.port, self.key, lines)
            except (OSError, http.client.HTTPException):
                return
            for line in told:
                assert line["status"] in (200, 201), line
                self.answers[line["key"]] = (line["case"], line["seq"])
            mine += [line["case"] for line in told if line["status"] == 201]

    @staticmethod
    def _line(key: str, i: int, mine: list[int]) -> dict[str, Any]:
        if i % 3 == 0 or not mine:
            return {"key": key, "open": "event", "category": "leak", "lon": X, "lat": Y}
        return {"key": key, "move": "annotate", "case": mine[-1 - i % len(mine)], "note": f"{key}"}


def send(port: int, key: str, lines: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The answers to a batch."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    try:
        body = "\n".join(json.dumps(line) for line in lines)
        connection.request("POST", BATCH, body, {"authorization": f"Bearer {key}"})
        answer = connection.getresponse()
        text = answer.read().decode()
        assert answer.status == 200, text
        return [json.loads(line) for line in text.splitlines()]
    finally:
        connection.close()


def die_in_the_middle(port: int, key: str) -> None:
    """A client that announces a batch and dies halfway through it."""
    body = json.dumps({"key": "half", "open": "event", "category": "leak", "lon": X, "lat": Y}).encode() * 2
    head = f"POST {BATCH} HTTP/1.1\r\nhost: 127.0.0.1:{port}\r\nauthorization: Bearer {key}\r\ncontent-length: {len(body)}\r\n\r\n"
    with socket.create_connection(("127.0.0.1", port), timeout=30) as half:
        half.sendall(head.encode() + body[: len(body) // 2])


@pytest.mark.parametrize(("rounds", "seed"), [(5, 7), pytest.param(100, 11, marks=pytest.mark.soak)])
def test_every_move_a_killed_server_acknowledged_is_there(home: Path, rounds: int, seed: int) -> None:
    key, chance = (home.parent / "key").read_text(), random.Random(seed)
    acknowledged: dict[str, tuple[int, int]] = {}
    unanswered: list[list[dict[str, Any]]] = []
    for turn in range(rounds):
        process = serve(home, JINGWEI_LOG_LEVEL="error", JINGWEI_DEMO_USER="false")
        assert process.stdout is not None
        port = int(process.stdout.readline().rsplit(":", 1)[1])
        for lines in unanswered:  # what got no answer is sent again: done before or done now, once
            acknowledged |= {line["key"]: (line["case"], line["seq"]) for line in send(port, key, lines)}
        die_in_the_middle(port, key)
        clients = [Client(port, key, f"r{turn}c{i}") for i in range(CLIENTS)]
        for client in clients:
            client.start()
        time.sleep(chance.uniform(0.2, 0.8))
        process.send_signal(signal.SIGKILL)
        process.communicate(timeout=60)
        for client in clients:
            client.join(60)
            acknowledged |= client.answers
        unanswered = [client.sent for client in clients if client.sent and client.sent[0]["key"] not in client.answers]
    assert acknowledged
    with Store.open(home, Settings(home=home, memory_share=0.1, threads=2)) as store:
        rows = store.rows(
            "SELECT key, case_id, seq FROM transition WHERE key LIKE 'api:%'"
        )  # each with whose key it is
        kept = {row["key"].rsplit(":", 1)[1]: (row["case_id"], row["seq"]) for row in rows}
        assert len(kept) == len(rows)
        assert {name: kept.get(name) for name in acknowledged} == acknowledged
        assert "half" not in kept
        assert check(store, rules=("ledger_chains", "fold_is_row", "one_row_a_case")) == []
