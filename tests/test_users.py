"""`python app.py user …` and `wall …`."""

from __future__ import annotations

import json
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from app import app
from data.control import ControlServer
from data.settings import settings as process_settings
from data.store import Store
from etl.commands import COMMANDS

PASSWORD = "correct horse battery"
CHIEF = ("user", "add", "chief", "--role", "administrator")


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("JINGWEI_HOME", str(tmp_path / "var"))
    monkeypatch.setenv("JINGWEI_MEMORY_SHARE", "0.1")
    process_settings.cache_clear()
    Store.create(tmp_path / "var", name="样例区", code="990100", zone="Asia/Shanghai", crs="EPSG:4547").close()
    return tmp_path / "var"


def run(*words: str, said: str | None = None) -> Result:
    return CliRunner().invoke(app, list(words), input=said)


def listed(*words: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(run(*words, "--json").stdout)
    return found


def test_the_first_administrator_comes_from_the_command_line(home: Path) -> None:
    done = run(*CHIEF, "--label", "指挥中心", said=f"{PASSWORD}\n")
    assert (done.exit_code, done.stdout) == (0, "chief (指挥中心): administrator\n")
    (one,) = listed("user", "list")
    assert (one["name"], one["roles"], one["signs_in"], one["disabled"]) == (
        "chief",
        ["administrator"],
        ["password"],
        False,
    )
    assert PASSWORD not in run("user", "list").stdout
    with Store.open(home) as store:
        assert store.access.accounts.signing_in("chief", PASSWORD) is not None
        assert [row["actor"] for row in store.rows("SELECT actor FROM audit WHERE action = 'account_added'")] == [
            "command line"
        ]


def test_no_password_is_no_account(home: Path) -> None:
    done = run(*CHIEF, said="")
    assert done.exit_code == 2
    assert "no password came on standard input" in done.stderr
    assert listed("user", "list") == []


def test_an_account_is_changed_shut_and_opened(home: Path) -> None:
    run(*CHIEF, said=f"{PASSWORD}\n")
    run("user", "add", "desk", "--role", "operator@990100", "--role", "leader", said=f"{PASSWORD}\n")
    assert listed("user", "list")[1]["roles"] == ["operator@990100", "leader"]
    assert run("user", "passwd", "desk", said="another good one\n").exit_code == 0
    assert run("user", "roles", "desk", "--role", "planner").stdout == "desk: planner\n"
    assert run("user", "disable", "desk").stdout == "desk: shut\n"
    assert [one["disabled"] for one in listed("user", "list")] == [False, True]
    assert run("user", "enable", "desk").stdout == "desk: open\n"
    refused = run("user", "disable", "chief")
    assert (refused.exit_code, "last administrator" in refused.stderr) == (2, True)


def test_walls_and_keys_are_shown_once_listed_and_revoked(home: Path) -> None:
    run(*CHIEF, said=f"{PASSWORD}\n")
    made = run("wall", "add", "大厅", "--place", "990100").stdout
    assert made.startswith("/wall/990100?token=jw-wall-")
    assert run("user", "token", "chief", "--label", "gateway").stdout.startswith("jw-key-")
    first, second = listed("wall", "list")
    assert (first["kind"], first["account"], second["kind"], second["place"]) == ("api", "chief", "device", "990100")
    assert made.split("token=")[1].split("\n")[0] not in run("wall", "list").stdout
    assert run("wall", "revoke", "1").stdout == "大厅: revoked\n"
    assert run("wall", "revoke", "1").exit_code == 2
    assert listed("wall", "list")[1]["revoked_at"] is not None


def test_a_running_server_knows_a_new_account_at_once(home: Path) -> None:
    with Store.open(home) as store:
        control = ControlServer(home, {name: partial(command, store) for name, command in COMMANDS.items()})
        try:
            assert run(*CHIEF, said=f"{PASSWORD}\n").exit_code == 0
            assert store.access.accounts.signing_in("chief", PASSWORD) is not None
        finally:
            control.close()
