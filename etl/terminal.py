"""A command from a terminal: run here when the store is free, else by the server that holds it; bars, Ctrl-C, errors.

Both ways give the same values, because both pass through JSON. Bars go to the error stream, so that what a command prints
can be piped.
"""

from __future__ import annotations

import json
import signal
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from types import FrameType
from typing import Any

import structlog
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, SpinnerColumn, TaskID, TextColumn, TimeElapsedColumn
from rich.progress import Progress as Bars

from data.control import ControlClient, is_running
from data.errors import Cancelled, Fault, InputError, JingweiError, NotFound, QuestionError, Refused
from data.faults import known
from data.progress import Reporter
from data.settings import Settings

log = structlog.get_logger(__name__)

COMMAND_LINE, PROGRAM, STOPPED = 2, 1, 130


def call(
    here: Settings, command: str, args: Mapping[str, Any], handed: Mapping[str, Callable[..., Any]] | None = None
) -> Any:
    """The command's result as plain JSON values. Raises its error; Cancelled after Ctrl-C. handed: commands of rooms above."""
    from data.store import Store
    from etl.commands import COMMANDS

    with bars() as reporter:
        if is_running(here.home):
            return ControlClient(here.home).call(command, args, reporter)
        with Store.open(here.home, here) as store:
            result = {**COMMANDS, **(handed or {})}[command](store, dict(args), reporter)
    return json.loads(json.dumps(result, ensure_ascii=False, default=str))


@contextmanager
def bars() -> Iterator[Reporter]:
    """A progress that draws bars and is stopped by Ctrl-C; a second Ctrl-C does not wait."""
    console = Console(stderr=True)
    columns = (
        SpinnerColumn(),
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
    )
    tasks: dict[str, TaskID] = {}
    with Bars(*columns, console=console, transient=True, disable=not console.is_terminal) as shown:

        def show(label: str, done: float, total: float | None) -> None:
            if label not in tasks:
                tasks[label] = shown.add_task(label, total=total)
            shown.update(tasks[label], completed=done, total=total)

        reporter = Reporter(show)
        with _stopped_by_ctrl_c(reporter, console):
            yield reporter


@contextmanager
def _stopped_by_ctrl_c(reporter: Reporter, console: Console) -> Iterator[None]:
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.getsignal(signal.SIGINT)

    def stop(_number: int, _frame: FrameType | None) -> None:
        signal.signal(signal.SIGINT, signal.default_int_handler)
        console.print("stopping …")
        reporter.stop()

    signal.signal(signal.SIGINT, stop)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


def tell(error: JingweiError) -> int:
    """Print an error as one block on the error stream; the exit code it means."""
    console = Console(stderr=True, highlight=False, soft_wrap=True)
    if isinstance(error, Cancelled):
        console.print("Stopped. The store is as it was.")
        return STOPPED
    where = f" ({error.where})" if error.where else ""
    console.print(f"error{where}: {_sentence(error.what)}", style="bold", markup=False)
    if error.todo:
        console.print(f"  → {_sentence(error.todo)}", markup=False)
    asked = isinstance(error, (InputError, QuestionError, NotFound, Refused))
    return COMMAND_LINE if asked else PROGRAM


def tell_any(error: Exception) -> int:
    """Print whatever went wrong as one block; the log has a fault's traceback when it is asked for."""
    meant = known(error)
    if isinstance(meant, Fault):
        log.debug("a command failed", exc_info=error)
    return tell(meant)


def _sentence(text: str) -> str:
    text = text.strip()
    return text if text.endswith((".", "?", "!", "。", ")")) else f"{text}."
