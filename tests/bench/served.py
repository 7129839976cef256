"""The program in this process, listening, so that a bench can ask it and reach into it."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import uvicorn
from fastapi import FastAPI

from dashboard.server import create_app
from data.settings import Settings


@contextmanager
def served(settings: Settings) -> Iterator[tuple[str, FastAPI]]:
    """Its address, and the application."""
    app = create_app(settings)
    with socket.create_server(("127.0.0.1", 0)) as taken:
        server = uvicorn.Server(uvicorn.Config(app, log_level="error", log_config=None))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [taken]}, daemon=True)
        thread.start()
        while not server.started:
            time.sleep(0.1)
        try:
            yield f"http://127.0.0.1:{taken.getsockname()[1]}", app
        finally:
            server.should_exit = True
            thread.join(30)
