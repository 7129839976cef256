from __future__ import annotations

import json
import logging
from collections.abc import Iterator

import pytest
import structlog

from data.logs import configure_logs
from data.settings import Settings


@pytest.fixture(autouse=True)
def _as_before() -> Iterator[None]:
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield
    root.handlers[:] = handlers
    root.setLevel(level)
    structlog.reset_defaults()


def test_json_logs_are_one_object_a_line_whoever_speaks(capsys: pytest.CaptureFixture[str]) -> None:
    configure_logs(Settings(log_json=True, log_level="INFO"))
    structlog.get_logger("data.store").info("opened", home="var", place="社区")
    logging.getLogger("uvicorn.error").warning("port %s", 8050)
    ours, theirs = (json.loads(line) for line in capsys.readouterr().err.splitlines())
    assert (ours["event"], ours["level"], ours["logger"], ours["place"]) == ("opened", "info", "data.store", "社区")
    assert (theirs["event"], theirs["level"], theirs["logger"]) == ("port 8050", "warning", "uvicorn.error")


def test_readable_logs_say_the_same_to_a_person(capsys: pytest.CaptureFixture[str]) -> None:
    configure_logs(Settings(log_json=False))
    structlog.get_logger("data.store").info("opened", home="var")
    line = capsys.readouterr().err
    assert "opened" in line
    assert "home=var" in line


def test_what_lies_below_the_level_is_left_out(capsys: pytest.CaptureFixture[str]) -> None:
    configure_logs(Settings(log_level="WARNING"))
    structlog.get_logger("data.store").info("opened")
    logging.getLogger("other").info("opened")
    assert capsys.readouterr().err == ""


def test_an_error_carries_its_traceback(capsys: pytest.CaptureFixture[str]) -> None:
    configure_logs(Settings(log_json=True))
    try:
        raise ValueError("no")
    except ValueError:
        structlog.get_logger("x").exception("failed")
    assert json.loads(capsys.readouterr().err)["exception"][0]["exc_type"] == "ValueError"


def test_setting_up_twice_does_not_say_things_twice(capsys: pytest.CaptureFixture[str]) -> None:
    configure_logs(Settings())
    configure_logs(Settings())
    logging.getLogger("x").warning("once")
    assert capsys.readouterr().err.count("once") == 1
