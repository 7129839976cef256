"""Logs: readable lines for a person at a terminal, one JSON object a line for a city's collector.

Everything goes to standard error through structlog, the libraries' own logging too, so that what a command prints stays
clean. Nothing here logs a ticket's text.
"""

from __future__ import annotations

import logging
import sys
from typing import Any

import structlog

from data.settings import Settings

QUIET = ("matplotlib", "pyogrio", "fiona", "asyncio", "multipart", "watchfiles")


def configure_logs(settings: Settings) -> None:
    """Set up structlog and the standard library's logging for this process. Twice does no harm."""
    level = logging.getLevelNamesMapping().get(settings.log_level.upper(), logging.INFO)
    shared: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.StackInfoRenderer(),
    ]
    structlog.configure(
        processors=[structlog.stdlib.filter_by_level, *shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=False,
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, *_rendering(settings.log_json)],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level)
    for name in ("uvicorn", "uvicorn.error", "uvicorn.access"):
        logging.getLogger(name).handlers.clear()
        logging.getLogger(name).propagate = True
    for name in QUIET:
        logging.getLogger(name).setLevel(max(level, logging.WARNING))


def _rendering(as_json: bool) -> list[Any]:
    """The last steps: a traceback becomes data in JSON, and stays text for a person."""
    if as_json:
        return [structlog.processors.dict_tracebacks, structlog.processors.JSONRenderer(ensure_ascii=False)]
    plain = (
        structlog.dev.RichTracebackFormatter(show_locals=False)
        if sys.stderr.isatty()
        else structlog.dev.plain_traceback
    )
    return [structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty(), exception_formatter=plain)]
