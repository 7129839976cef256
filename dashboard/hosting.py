"""Where the server may listen, under which names, and what must be true before others can reach it.

On loopback it may always run: whoever is on the machine may read the store's file as well. Beyond it, passwords and
figures travel over a network, so it takes a certificate (or a proxy that has one), the names it goes by, and somebody who
can sign in. Going without TLS there takes a setting with a loud warning.
"""

from __future__ import annotations

from typing import Any

import structlog

from dashboard.guard import LOOPBACK
from data.errors import InputError, Refused
from data.settings import Settings
from data.store import Store

log = structlog.get_logger(__name__)

EVERYWHERE = frozenset({"", "0.0.0.0", "::"})  # noqa: S104  names of "all addresses", which are no names of a server


def names_of(settings: Settings) -> list[str]:
    """The names a browser may use for it, besides loopback's."""
    named = [name.strip() for name in settings.names.split(",") if name.strip()]
    return named if settings.host in EVERYWHERE else [settings.host, *named]


def reachable(settings: Settings) -> bool:
    """Whether others than this machine can reach it."""
    return settings.host not in LOOPBACK or bool(settings.trusted_proxy)


def check_host(settings: Settings) -> None:
    """Refuse settings under which others could listen in. Raises Refused or InputError, before anything is opened."""
    if bool(settings.tls_cert) != bool(settings.tls_key):
        raise InputError("TLS takes a certificate and its key.", where="JINGWEI_TLS_CERT", todo="Set both or neither.")
    for file, name in ((settings.tls_cert, "JINGWEI_TLS_CERT"), (settings.tls_key, "JINGWEI_TLS_KEY")):
        if file is not None and not file.is_file():
            raise InputError("there is no such file.", where=f"{name}={file}", todo="Give a PEM file.")
    if not reachable(settings):
        return
    if not (settings.tls_cert or settings.trusted_proxy or settings.plain_http):
        raise Refused(
            f'the server does not listen on "{settings.host}" without TLS: passwords would travel readable.',
            where="JINGWEI_HOST",
            todo="Start it with --tls-cert and --tls-key, or behind a proxy with JINGWEI_TRUSTED_PROXY; see docs/city-it.md.",
        )
    if not names_of(settings):
        raise Refused(
            "the server must know the names it goes by.",
            where="JINGWEI_NAMES",
            todo="Set it to the name or address that stands in the browsers, for example grid.example.",
        )


def check_administrator(settings: Settings, store: Store) -> None:
    """Others can reach it only once somebody can sign in and administer. Raises Refused."""
    if not reachable(settings):
        return
    if not store.access.accounts.administrators():
        raise Refused(
            "others can reach this server, and nobody administers it yet.",
            where="JINGWEI_HOST",
            todo="Run `python app.py user add NAME --role administrator` first.",
        )
    if not (settings.tls_cert or settings.trusted_proxy):
        log.warning("PLAIN HTTP: passwords and figures travel readable on this network", host=settings.host)


def transport(settings: Settings) -> dict[str, Any]:
    """What uvicorn is told of TLS and of proxies. It believes no proxy that was not named."""
    told: dict[str, Any] = {
        "proxy_headers": bool(settings.trusted_proxy),
        "forwarded_allow_ips": settings.trusted_proxy or None,
    }
    if settings.tls_cert and settings.tls_key:
        told |= {"ssl_certfile": str(settings.tls_cert), "ssl_keyfile": str(settings.tls_key)}
    return told
