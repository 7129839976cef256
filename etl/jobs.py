"""A heavy computation runs in a process of its own, so that the server's event loop keeps its beat.

The worker is started afresh (never forked: a fork would inherit the store), runs at low priority and never opens the
store. What it yields comes back as messages over a pipe, Arrow tables as IPC bytes; the pipe holds a few messages, so
a fast worker waits for a slow reader. Stopping ends the process: there is nothing in it that needs rescuing. If this
process dies, the worker notices its standard input closing and ends too.
"""

from __future__ import annotations

import contextlib
import importlib
import io
import os
import pickle
import queue
import struct
import subprocess
import sys
import threading
import time
import traceback
from collections.abc import Callable, Generator, Iterator, Mapping
from pathlib import Path
from typing import IO, Any

import pyarrow as pa

from data import errors
from data.errors import Fault, JingweiError
from data.faults import known
from data.progress import Progress, Quiet

ROOT = Path(__file__).resolve().parents[1]
POLL_SECONDS = 0.1
END_SECONDS = 0.5
SHOW_SECONDS = 0.1
_LENGTH = struct.Struct(">Q")

Task = Callable[..., Iterator[Any]]


def run_in_worker(
    function: Task, kwargs: Mapping[str, Any], *, progress: Progress | None = None, nice: int = 10
) -> Generator[Any, None, None]:
    """Yield what function(**kwargs, progress=…) yields, computed in a worker process.

    function: a module-level generator function, found again by its module and name; it must take `progress`. Items and
    arguments are plain values and Arrow tables. Raises the worker's own JingweiError, Cancelled within a second of
    `progress.check()` raising it, or JingweiError when the worker died.
    """
    progress = progress or Quiet()
    process = subprocess.Popen(
        [sys.executable, "-c", "from etl.jobs import worker; worker()"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1"},
        start_new_session=True,  # Ctrl-C in the terminal is ours to handle
    )
    assert process.stdin is not None  # noqa: S101  (both are pipes)
    assert process.stdout is not None  # noqa: S101
    inbox: queue.Queue[tuple[str, Any]] = queue.Queue(maxsize=2)
    reader = threading.Thread(target=_receive, args=(process.stdout, inbox), name="worker-reader", daemon=True)
    reader.start()
    try:
        request = {"module": function.__module__, "name": function.__qualname__, "kwargs": dict(kwargs), "nice": nice}
        _send_request(process.stdin, {**request, "path": sys.path})
        while True:
            progress.check()
            try:
                kind, value = inbox.get(timeout=POLL_SECONDS)
            except queue.Empty:
                continue
            if kind == "item":
                yield value
            elif kind == "step":
                progress.step(*value)
            elif kind == "error":
                raise value
            elif kind == "done":
                return
            else:
                raise JingweiError(
                    f"the worker process ended unexpectedly ({_how(process)}).",
                    todo="If it was killed for memory, split the file; else look into the log.",
                )
    finally:
        _end(process, inbox, reader)


def _send_request(pipe: IO[bytes], request: Mapping[str, Any]) -> None:
    try:
        _send(pipe, request)
    except BrokenPipeError:
        return  # it died at once; the reader learns how


def _receive(pipe: IO[bytes], inbox: queue.Queue[tuple[str, Any]]) -> None:
    while True:
        try:
            message = _read(pipe)
        except (EOFError, OSError, ValueError):
            inbox.put(("lost", None))
            return
        inbox.put(message)
        if message[0] in ("done", "error"):
            return


def _how(process: subprocess.Popen[bytes]) -> str:
    try:
        code = process.wait(timeout=END_SECONDS)
    except subprocess.TimeoutExpired:
        return "its pipe closed"
    return f"signal {-code}" if code < 0 else f"exit code {code}"


def _end(process: subprocess.Popen[bytes], inbox: queue.Queue[tuple[str, Any]], reader: threading.Thread) -> None:
    """Let a finished worker go, end one that still works, free both pipes."""
    assert process.stdin is not None  # noqa: S101
    assert process.stdout is not None  # noqa: S101
    with contextlib.suppress(BrokenPipeError):
        process.stdin.close()  # the worker ends itself when this closes
    try:
        process.wait(timeout=END_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
    deadline = time.monotonic() + END_SECONDS
    while reader.is_alive() and time.monotonic() < deadline:  # it may be waiting to hand over a message
        try:
            inbox.get(timeout=0.01)
        except queue.Empty:
            continue
    reader.join(timeout=END_SECONDS)
    process.stdout.close()


# The wire: length, then a pickle of plain values in which Arrow tables are IPC streams.


class _Pickler(pickle.Pickler):
    def reducer_override(self, value: Any) -> Any:
        if isinstance(value, pa.RecordBatch):
            value = pa.Table.from_batches([value])
        if isinstance(value, pa.Table):
            sink = pa.BufferOutputStream()
            with pa.ipc.new_stream(sink, value.schema) as writer:
                writer.write_table(value)
            return _table, (sink.getvalue().to_pybytes(),)
        if isinstance(value, JingweiError):
            return _error, (type(value).__name__, value.what, value.where, value.todo)
        return NotImplemented


def _table(stream: bytes) -> pa.Table:
    return pa.ipc.open_stream(stream).read_all()


def _error(name: str, what: str, where: str, todo: str) -> JingweiError:
    kind = getattr(errors, name, JingweiError)
    made: JingweiError = kind(what, where=where, todo=todo)
    return made


def _send(pipe: IO[bytes], value: object) -> None:
    buffer = io.BytesIO()
    _Pickler(buffer, protocol=pickle.HIGHEST_PROTOCOL).dump(value)
    body = buffer.getbuffer()
    pipe.write(_LENGTH.pack(len(body)))
    pipe.write(body)
    pipe.flush()


def _read(pipe: IO[bytes]) -> Any:
    head = _exactly(pipe, _LENGTH.size)
    return pickle.loads(_exactly(pipe, _LENGTH.unpack(head)[0]))  # noqa: S301  (the other end is ours)


def _exactly(pipe: IO[bytes], length: int) -> bytes:
    data = pipe.read(length)
    if len(data) < length:
        raise EOFError
    return data


# The worker's side.


class _Told:
    """Progress as messages, not more than ten a second; the end of a step is always told."""

    def __init__(self, send: Callable[[object], None]) -> None:
        self._send, self._next = send, 0.0
        self._label = ""

    def step(self, label: str, done: float, total: float | None = None) -> None:
        now = time.monotonic()
        if now >= self._next or label != self._label or done == total:
            self._next, self._label = now + SHOW_SECONDS, label
            self._send(("step", (label, done, total)))

    def check(self) -> None:
        """The parent ends this process when it is stopped."""


def worker() -> None:
    """The worker process: read one request, send what it yields, end."""
    out = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # whatever prints, prints to the error stream and not into the wire
    with os.fdopen(os.dup(0), "rb") as requests:
        request = _read(requests)
    threading.Thread(target=_end_with_parent, daemon=True).start()
    os.nice(request["nice"])
    sys.path[:] = request["path"]

    def send(message: object) -> None:
        try:
            _send(out, message)
        except BrokenPipeError:
            os._exit(1)

    send(_answer(request, send))
    os._exit(0)


def _answer(request: Mapping[str, Any], send: Callable[[object], None]) -> tuple[str, Any]:
    try:
        module = importlib.import_module(request["module"])
        for item in getattr(module, request["name"])(**request["kwargs"], progress=_Told(send)):
            send(("item", item))
    except MemoryError:
        return "error", JingweiError("the worker process ran out of memory.", todo="Split the file.")
    except Exception as error:
        meant = known(error)
        if isinstance(meant, Fault):
            traceback.print_exc()
        return "error", meant
    return "done", None


def _end_with_parent() -> None:
    while os.read(0, 4096):
        pass
    os._exit(1)
