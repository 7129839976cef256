"""What the screens work with, in one object handed to every page: the store, the settings, the commands.

The store is opened by the server's start and closed by its end, so a page asks for it when a request comes, never when
it is built.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from typing import Any, ParamSpec, TypeVar

from dashboard.demo_user import DemoUser
from dashboard.jobs import Jobs
from dashboard.studio.optimiser import Optimiser
from dashboard.uploads import Uploads
from data.errors import StoreError
from data.settings import Settings
from data.store import Store
from etl.placing import Placer, placer_of

P = ParamSpec("P")
T = TypeVar("T")

ROOM = 4  # files of the largest size that may wait on the disk to be imported


class Desk:
    """The running server's store and settings."""

    def __init__(self, settings: Settings, commands: Mapping[str, Callable[..., dict[str, Any]]] | None = None) -> None:
        self.settings = settings
        self.commands = dict(commands or {})
        self.opened: Store | None = None
        self.demo_user: DemoUser | None = None
        self.jobs = Jobs()
        self.optimiser = Optimiser()
        self.uploads = Uploads(settings.home, ROOM * settings.upload_megabytes * 1024 * 1024)

    @property
    def store(self) -> Store:
        """The open store; StoreError outside the server's life."""
        if self.opened is None:
            raise StoreError("the store is not open", todo="start the server with `python app.py serve`")
        return self.opened

    @property
    def placer(self) -> Placer:
        """What places cases that come in by themselves; made at the first one, kept while the store is open."""
        return placer_of(self.store)


async def off_loop(function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """Run what computes or reads on a thread: Dash calls callbacks on the event loop, where nothing may linger.

    The reader's language goes along, as every context variable does.
    """
    return await asyncio.to_thread(function, *args, **kwargs)
