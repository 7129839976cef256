"""The control socket: how a command reaches the store while a server holds it.

A Unix socket at `home/control.sock`, for its owner only. Lines of JSON, several requests at a time on one connection:

    -> {"id": 1, "command": "backup", "args": {}}
    <- {"id": 1, "progress": ["copy", 3, 10]}
    <- {"id": 1, "result": {...}}   or   {"id": 1, "error": {"error": "FileError", "what": ..., "where": ..., "todo": ...}}
    -> {"id": 1, "cancel": true}

A caller that goes away cancels what it asked for. The kernel limits a socket's path to about 100 bytes; where the home's
is longer, the socket lies in a short private folder and `home/control.path` says where.
"""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import socket
import tempfile
import threading
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import structlog

from data import errors
from data.errors import Cancelled, Fault, InputError, JingweiError, NotFound, StoreBusy, StoreError
from data.faults import known
from data.progress import Progress, Quiet, Reporter

log = structlog.get_logger(__name__)

NAME, POINTER = "control.sock", "control.path"
LONGEST_PATH = 100
LONGEST_LINE = 16 << 20
POLL_SECONDS = 0.2

Handler = Callable[[dict[str, Any], Progress], Any]


class ControlServer:
    """Answers commands at the socket of `home`. Handlers run on threads of their own, one a request."""

    def __init__(self, home: Path, handlers: Mapping[str, Handler]) -> None:
        self._home, self._handlers = home, handlers
        self._private: Path | None = None
        self._connections: set[socket.socket] = set()
        self._lock = threading.Lock()
        self._closing = False
        self.path = self._choose_path()
        self._socket = self._bound()
        self._thread = threading.Thread(target=self._accept, name="control", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Stop listening, cancel what runs, and take the socket file away."""
        with self._lock:
            if self._closing:
                return
            self._closing = True
            connections = list(self._connections)
        with contextlib.suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()
        for connection in connections:
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)
        self._thread.join()
        self.path.unlink(missing_ok=True)
        if self._private is not None:
            (self._home / POINTER).unlink(missing_ok=True)
            shutil.rmtree(self._private, ignore_errors=True)

    def __enter__(self) -> ControlServer:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _choose_path(self) -> Path:
        if is_running(self._home):
            raise StoreBusy("a server answers there already.", where=str(_socket_path(self._home)))
        self._home.mkdir(parents=True, exist_ok=True)
        _clear(self._home)
        near = self._home.resolve() / NAME
        if len(os.fsencode(near)) <= LONGEST_PATH:
            return near
        self._private = Path(tempfile.mkdtemp(prefix="jingwei-"))
        if len(os.fsencode(self._private)) > LONGEST_PATH - len(NAME) - 1:
            self._private.rmdir()
            self._private = Path(tempfile.mkdtemp(prefix="jingwei-", dir="/tmp"))
        pointer = self._home / POINTER
        pointer.write_text(str(self._private / NAME), encoding="utf-8")
        return self._private / NAME

    def _bound(self) -> socket.socket:
        listening = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        os.fchmod(listening.fileno(), 0o600)  # the file gets this mode when it is bound, with no moment in between
        listening.bind(str(self.path))
        self.path.chmod(0o600)
        listening.listen(16)
        return listening

    def _accept(self) -> None:
        while True:
            try:
                connection, _ = self._socket.accept()
            except OSError:
                return
            with self._lock:
                self._connections.add(connection)
            threading.Thread(target=self._serve, args=(connection,), name="control-caller", daemon=True).start()

    def _serve(self, connection: socket.socket) -> None:
        """Read one caller's requests until it goes away; then cancel what it left running."""
        line = _Lines(connection)
        running: dict[object, Reporter] = {}
        try:
            while True:
                message = line.receive()
                number = message.get("id")
                if not message.get("cancel"):
                    running[number] = Reporter(_telling(line, number))
                    threading.Thread(target=self._answer, args=(line, message, running[number]), daemon=True).start()
                elif number in running:
                    running[number].stop()
        except EOFError:
            pass
        except InputError as error:
            log.warning("a caller of the control socket was cut off", error=str(error))
        finally:
            for reporter in running.values():
                reporter.stop()
            with self._lock:
                self._connections.discard(connection)
            connection.close()

    def _answer(self, line: _Lines, message: dict[str, Any], reporter: Reporter) -> None:
        reply: dict[str, Any]
        try:
            command = str(message.get("command"))
            if command == "ping":
                reply = {"result": "pong"}
            elif command in self._handlers:
                reply = {"result": self._handlers[command](message.get("args") or {}, reporter)}
            else:
                raise NotFound(
                    f"the server knows no command {command}.", todo="It may be of an older version; restart it."
                )
        except Exception as error:  # the edge of a command: whatever it was must reach the caller
            meant = known(error)
            if isinstance(meant, Fault):
                log.error("a command failed", command=message.get("command"), exc_info=error)
            reply = {"error": meant.as_dict()}
        line.send({"id": message.get("id"), **reply})


class ControlClient:
    """Sends commands to the server that holds the store of `home`."""

    def __init__(self, home: Path) -> None:
        self._home = home

    def call(self, command: str, args: Mapping[str, Any] | None = None, progress: Progress | None = None) -> Any:
        """The command's result. Its error is raised as the error it was; Ctrl-C and `progress.check` cancel it.

        Raises NotFound when no server runs and StoreError when it goes away before it answered.
        """
        progress = progress or Quiet()
        try:
            connection = _connected(self._home)
        except OSError as error:
            raise NotFound(
                "no server runs.", where=str(self._home), todo="Start one with `python app.py serve`."
            ) from error
        with connection:
            line = _Lines(connection)
            line.send({"id": 1, "command": command, "args": dict(args or {})})
            return self._result(line, progress)

    def _result(self, line: _Lines, progress: Progress) -> Any:
        stopped: BaseException | None = None
        while True:
            try:
                if stopped is None:
                    progress.check()
                message = line.receive(POLL_SECONDS)
                if stopped is None and "progress" in message:
                    label, done, total = message["progress"]
                    progress.step(label, done, total)
            except (Cancelled, KeyboardInterrupt) as error:
                # Wait for the server to say that it has stopped: only then is everything as it was.
                stopped = error
                line.send({"id": 1, "cancel": True})
            except TimeoutError:
                continue
            except EOFError as error:
                gone = StoreError("the server went away before it answered.", todo="Look at its log.")
                raise stopped or gone from error
            else:
                if "result" in message:
                    return message["result"]
                if "error" in message:
                    raise stopped or _error(message["error"])


def is_running(home: Path) -> bool:
    """Whether a server answers at the home's socket; a socket file left by a crash does not count."""
    try:
        _connected(home).close()
    except OSError:
        return False
    return True


class _Lines:
    """JSON lines over a socket; sending is locked, so that several threads may answer on it."""

    def __init__(self, connection: socket.socket) -> None:
        self._connection = connection
        self._lock = threading.Lock()
        self._waiting = b""

    def send(self, message: Mapping[str, Any]) -> None:
        """Send one message; a caller that is gone does not mind."""
        data = json.dumps(message, ensure_ascii=False, default=str).encode() + b"\n"
        with self._lock, contextlib.suppress(OSError):
            self._connection.sendall(data)

    def receive(self, timeout: float | None = None) -> dict[str, Any]:
        """The next message. Raises TimeoutError, EOFError when the other side is gone, InputError for what is no message."""
        self._connection.settimeout(timeout)
        while b"\n" not in self._waiting:
            if len(self._waiting) > LONGEST_LINE:
                raise InputError("a line is too long for the control socket.")
            try:
                data = self._connection.recv(65536)
            except TimeoutError:
                raise
            except OSError as error:
                raise EOFError from error
            if not data:
                raise EOFError
            self._waiting += data
        text, _, self._waiting = self._waiting.partition(b"\n")
        try:
            message = json.loads(text)
        except ValueError as error:
            raise InputError(f"a line on the control socket is no JSON ({error}).") from error
        if not isinstance(message, dict):
            raise InputError("a line on the control socket is no JSON object.")
        return message


def _telling(line: _Lines, number: object) -> Callable[[str, float, float | None], None]:
    """A function that shows a request's progress to its caller."""

    def tell(label: str, done: float, total: float | None) -> None:
        line.send({"id": number, "progress": [label, done, total]})

    return tell


def _socket_path(home: Path) -> Path:
    pointer = home / POINTER
    try:
        return Path(pointer.read_text(encoding="utf-8").strip())
    except OSError:
        return home.resolve() / NAME


def _connected(home: Path) -> socket.socket:
    path = _socket_path(home)
    connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        if len(os.fsencode(path)) > LONGEST_PATH:
            raise FileNotFoundError(path)
        connection.connect(str(path))
    except OSError:
        connection.close()
        raise
    return connection


def _clear(home: Path) -> None:
    """Take away what a server that crashed left behind."""
    left = _socket_path(home)
    left.unlink(missing_ok=True)
    if left.parent != home.resolve() and left.parent.name.startswith("jingwei-"):
        shutil.rmtree(left.parent, ignore_errors=True)
    (home / POINTER).unlink(missing_ok=True)


def _error(told: Mapping[str, str]) -> JingweiError:
    """The error the server told of, as the class it was there."""
    kind = getattr(errors, told.get("error", ""), StoreError)
    if not (isinstance(kind, type) and issubclass(kind, JingweiError)):
        kind = StoreError
    return kind(told.get("what", ""), where=told.get("where", ""), todo=told.get("todo", ""))
