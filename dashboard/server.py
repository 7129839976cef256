"""The server: FastAPI with Dash inside, the guard in front, the store open for as long as it runs.

One process, one worker: the database file belongs to one process (design), so the store is opened after the server has
started, in the process that answers, and the control socket lets the command line work through it.
"""

from __future__ import annotations

import asyncio
import contextlib
import errno
import logging
import os
import resource
import signal
import socket
import sys
import threading
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from contextlib import asynccontextmanager
from functools import partial
from typing import Any

import structlog
import uvicorn
from fastapi import FastAPI
from starlette.middleware.gzip import GZipMiddleware

from dashboard import exporting, routes, shell, signing
from dashboard.api import routes as programs
from dashboard.boards import routes as board_routes
from dashboard.build import build
from dashboard.bulletin import routes as bulletin_routes
from dashboard.bulletin.schedule import Scheduler
from dashboard.coming import routes as coming_routes
from dashboard.coming.nightly import Nightly
from dashboard.console import routes as console_routes
from dashboard.deadlines import routes as deadline_routes
from dashboard.demo_user import DemoUser
from dashboard.desk import Desk
from dashboard.dispatch import routes as dispatch_routes
from dashboard.emergency import routes as emergency_routes
from dashboard.entrance import Entrance
from dashboard.faults import DashFaults
from dashboard.guard import Guard, policy
from dashboard.handover import routes as handover_routes
from dashboard.heads import TimedHeads
from dashboard.heatmap import routes as heatmap_routes
from dashboard.hosting import check_administrator, check_host, names_of, transport
from dashboard.importing import files
from dashboard.languages import Languages
from dashboard.live import routes as live_routes
from dashboard.live.hub import Hub
from dashboard.ogc import routes as ogc_routes
from dashboard.phone import routes as phone_routes
from dashboard.playback import routes as playback_routes
from dashboard.rights import callback_rules
from dashboard.scorecards import routes as score_routes
from dashboard.sockets import Sockets
from dashboard.studio import routes as studio_routes
from dashboard.studio.following import Follower
from dashboard.wall import routes as wall_routes
from dashboard.wall.layout import layouts
from data.control import ControlServer
from data.errors import InputError
from data.settings import Settings
from data.store import Store
from etl import demo_time
from etl.webhooks import Deliverer

log = structlog.get_logger(__name__)

BACKLOG = 2048
SWITCH_SECONDS = 0.001  # a thread that counts gives way to the writer's and the sockets' within this time
Commands = Mapping[str, Callable[..., dict[str, Any]]]

# What answers at addresses of its own; the last answers what no other does.
ROUTES = (
    signing, programs, console_routes, dispatch_routes, board_routes, handover_routes, deadline_routes, phone_routes,
    playback_routes, wall_routes, emergency_routes, score_routes, heatmap_routes, exporting, bulletin_routes, coming_routes,
    ogc_routes, studio_routes, routes,
)  # fmt: skip


def create_app(settings: Settings, commands: Commands | None = None) -> FastAPI:
    """The whole web application. The store is opened by its start, not here."""
    desk = Desk(settings, commands)
    hub, sockets = Hub(build()), Sockets()

    @asynccontextmanager
    async def life(app: FastAPI) -> AsyncIterator[None]:
        store, control = None, None
        beside: list[Deliverer | Scheduler | Nightly | Follower] = []
        try:
            try:
                store = desk.opened = await asyncio.to_thread(Store.open, settings.home, settings)
                check_administrator(settings, store)
                layouts(settings.home)  # a wrong one stops the start
                desk.demo_user = await asyncio.to_thread(DemoUser, store, settings)
                sockets.follow(store.access.sessions)
                handlers = {name: partial(command, store) for name, command in desk.commands.items()}
                control = await asyncio.to_thread(ControlServer, settings.home, handlers)
                await asyncio.to_thread(demo_time.start, store)
                await hub.start(store)
                store.watch.start()
                beside += [Deliverer(store), Scheduler(store, desk.jobs), Nightly(store), Follower(store)]
                for one in beside:
                    one.start()
            except Exception as error:
                app.state.failure = error
                raise
            yield
        finally:
            for one in beside:
                await asyncio.to_thread(one.close)
            await asyncio.to_thread(desk.optimiser.close)
            await asyncio.to_thread(desk.jobs.close)
            await hub.stop()
            if control is not None:
                await asyncio.to_thread(control.close)
            desk.opened = None
            if store is not None:
                await asyncio.to_thread(demo_time.stop, store)
                await asyncio.to_thread(store.close)

    app = FastAPI(docs_url=None, redoc_url=None, openapi_url=None, lifespan=life)
    app.state.desk = desk
    app.state.failure = None
    app.add_middleware(DashFaults)  # before Dash adds its own, so inside it
    dash_app = shell.build(app, desk)
    files.add(app, desk)
    live_routes.add(app, hub)
    for rooms in ROUTES:
        rooms.add(app, desk)
    # The last one added is the outermost: Guard, then the language, the entrance, the pages' paths, compression.
    app.add_middleware(GZipMiddleware, minimum_size=1024, compresslevel=5)
    app.add_middleware(shell.PagePaths)
    app.add_middleware(Entrance, desk=desk, callbacks=callback_rules(dash_app.callback_map), sockets=sockets)
    app.add_middleware(Languages, default=settings.language)
    app.add_middleware(
        Guard,
        hosts=names_of(settings),
        limits={
            "": settings.body_kilobytes * 1024,
            files.UPLOAD: settings.upload_megabytes * 1024 * 1024,
            studio_routes.PLAN_FILES: settings.upload_megabytes * 1024 * 1024,
            **programs.limits(),
        },
        csp=policy(dash_app.csp_hashes(), settings.tiles),
    )
    return app


class Server(uvicorn.Server):
    """uvicorn, saying where it listens once it does."""

    def __init__(self, config: uvicorn.Config, ready: Callable[[str], None]) -> None:
        super().__init__(config)
        self.ready = ready

    async def startup(self, sockets: list[Any] | None = None) -> None:
        """Start listening, then hand out the address with the port that was really taken."""
        await super().startup(sockets=sockets)
        if self.started:
            host, port = self.servers[0].sockets[0].getsockname()[:2]
            scheme = "https" if self.config.is_ssl else "http"
            address = f"{scheme}://[{host}]:{port}" if ":" in host else f"{scheme}://{host}:{port}"
            self.ready(address)
            log.info("serving", address=address, process=os.getpid())


def serve(settings: Settings, commands: Commands | None = None, ready: Callable[[str], None] | None = None) -> None:
    """Run until told to stop. Refused beyond loopback without TLS or an administrator; StoreError when the store cannot be opened."""
    check_host(settings)
    _room_for_screens()
    sys.setswitchinterval(SWITCH_SECONDS)
    app = create_app(settings, commands)
    config = uvicorn.Config(
        app,
        host=settings.host,
        port=settings.port,
        workers=1,
        lifespan="on",
        log_config=None,
        log_level="warning",
        server_header=False,
        access_log=False,
        timeout_graceful_shutdown=3,
        http=TimedHeads,
        ws_max_size=settings.body_kilobytes * 1024,
        ws_per_message_deflate=False,  # one message goes to many screens, and would be packed anew for each
        **transport(settings),
    )
    server = Server(config, ready or (lambda address: print(f"经纬 Jingwei  {address}", flush=True)))
    taken = listening(settings.host, settings.port)
    # uvicorn leaves by SystemExit when the start failed; the reason is told below.
    with taken, _ending_quietly(), _told_once(app), contextlib.suppress(SystemExit):
        server.run(sockets=[taken])
    if app.state.failure is not None:
        raise app.state.failure
    log.info("stopped", process=os.getpid())


def _room_for_screens() -> None:
    """As many open sockets as the machine allows: service managers begin with 1024, which a few hundred screens and a few
    clients that send nothing use up."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft != hard:
        with contextlib.suppress(ValueError, OSError):
            resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))


def listening(host: str, port: int) -> socket.socket:
    """A socket that listens there. Raises InputError when it cannot, before the store is touched."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        return socket.create_server((host, port), family=family, backlog=BACKLOG)
    except OSError as error:
        taken = error.errno == errno.EADDRINUSE
        raise InputError(
            f"port {port} is taken." if taken else f"port {port} cannot be listened on ({error.strerror}).",
            where="JINGWEI_PORT",
            todo="Choose another port; 0 takes a free one.",
        ) from error


@contextlib.contextmanager
def _told_once(app: FastAPI) -> Iterator[None]:
    """A start that failed is told by its error; uvicorn would add its traceback and two lines of its own."""
    theirs = logging.getLogger("uvicorn.error")

    def unless_failed(_record: logging.LogRecord) -> bool:
        return app.state.failure is None

    theirs.addFilter(unless_failed)
    try:
        yield
    finally:
        theirs.removeFilter(unless_failed)


@contextlib.contextmanager
def _ending_quietly() -> Iterator[None]:
    """Ctrl-C and SIGTERM are how a server ends. uvicorn sends itself the signal once more after it has ended; that one
    must not kill the process, or every stop would look like a fault to make and to a service manager."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = {number: signal.signal(number, lambda *_: None) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
