"""Who acts just now: set by whoever lets a request in, the command line where nothing was set.

A context variable, so that it goes along to the threads a request's work is handed to, as the reader's language does.
"""

from __future__ import annotations

from collections.abc import Callable
from contextvars import ContextVar, Token
from functools import wraps
from typing import TYPE_CHECKING, Any, TypeVar

from data import audit
from data.actors import PROGRAM, Actor

if TYPE_CHECKING:
    from data.store import Store

T = TypeVar("T")

_current: ContextVar[Actor] = ContextVar("actor", default=PROGRAM)
SAID = ("what", "file", "out", "import", "case", "speed", "jump", "storm", "retried", "dropped", "rows")


def acting() -> Actor:
    """Who acts in this context."""
    return _current.get()


def act_as(actor: Actor) -> Token[Actor]:
    """Let this actor act for the rest of this context."""
    return _current.set(actor)


def audited(action: str) -> Callable[[Callable[..., T]], Callable[..., T]]:
    """A command (store, arguments, progress) that is written down once it is done, with what it was given."""

    def around(command: Callable[..., T]) -> Callable[..., T]:
        @wraps(command)
        def done(store: Store, args: dict[str, Any], progress: Any) -> T:
            result = command(store, args, progress)
            given = {name: _last_name(args[name]) for name in SAID if args.get(name) is not None}
            audit.record(store, action, acting(), **given)
            return result

        return done

    return around


def _last_name(value: Any) -> Any:
    """A path's file name: where on the machine it lay is nobody's business."""
    return value.replace("\\", "/").rsplit("/", 1)[-1] if isinstance(value, str) else value
