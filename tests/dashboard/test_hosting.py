"""Where the server may listen."""

from __future__ import annotations

from pathlib import Path

import pytest

from dashboard.demo_user import DemoUser
from dashboard.hosting import check_administrator, check_host, names_of, transport
from dashboard.server import serve
from data.actors import PROGRAM
from data.errors import InputError, Refused
from data.settings import Settings
from data.store import Store

BEYOND = ["0.0.0.0", "::", "192.168.1.2", "example.com", ""]  # noqa: S104  what must be refused


@pytest.fixture
def pair(tmp_path: Path) -> dict[str, Path]:
    """Two files that stand for a certificate and its key."""
    files = {"tls_cert": tmp_path / "cert.pem", "tls_key": tmp_path / "key.pem"}
    for file in files.values():
        file.write_text("PEM")
    return files


@pytest.mark.parametrize("host", BEYOND)
def test_an_address_others_could_reach_is_refused_without_tls_before_anything_is_opened(
    tmp_path: Path, host: str
) -> None:
    with pytest.raises(Refused, match="without TLS"):
        serve(Settings(home=tmp_path / "nothing", host=host))
    assert not (tmp_path / "nothing").exists()


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "::1"])
def test_this_machine_may_listen_to_itself(host: str) -> None:
    check_host(Settings(host=host))


def test_with_tls_a_proxy_or_the_loud_setting_it_may(pair: dict[str, Path]) -> None:
    check_host(Settings(host="192.168.1.2", **pair))
    check_host(Settings(host="192.168.1.2", plain_http=True))
    check_host(Settings(host="127.0.0.1", trusted_proxy="127.0.0.1", names="grid.example"))


def test_a_server_on_all_addresses_must_know_its_names(pair: dict[str, Path]) -> None:
    with pytest.raises(Refused, match="names it goes by"):
        check_host(Settings(host="0.0.0.0", **pair))  # noqa: S104
    named = Settings(host="0.0.0.0", names="grid.example, 10.0.0.5", **pair)  # noqa: S104
    check_host(named)
    assert names_of(named) == ["grid.example", "10.0.0.5"]
    assert names_of(Settings(names="grid.example")) == ["127.0.0.1", "grid.example"]


def test_half_of_a_pair_or_a_missing_file_is_said(pair: dict[str, Path]) -> None:
    with pytest.raises(InputError, match="certificate and its key"):
        check_host(Settings(tls_cert=pair["tls_cert"]))
    with pytest.raises(InputError, match="no such file"):
        check_host(Settings(tls_cert=pair["tls_cert"], tls_key=Path("no.pem")))


def test_others_reach_it_only_once_somebody_administers_it(store: Store, pair: dict[str, Path]) -> None:
    beyond = Settings(host="192.168.1.2", **pair)
    check_administrator(Settings(), store)
    with pytest.raises(Refused, match="nobody administers it yet"):
        check_administrator(beyond, store)
    store.access.accounts.add(PROGRAM, name="chief", roles=["administrator"], password="correct horse battery")
    check_administrator(beyond, store)


def test_no_proxy_is_believed_that_was_not_named(pair: dict[str, Path]) -> None:
    assert transport(Settings()) == {"proxy_headers": False, "forwarded_allow_ips": None}
    told = transport(Settings(trusted_proxy="10.0.0.9", **pair))
    assert told == {
        "proxy_headers": True,
        "forwarded_allow_ips": "10.0.0.9",
        "ssl_certfile": str(pair["tls_cert"]),
        "ssl_keyfile": str(pair["tls_key"]),
    }


@pytest.mark.parametrize(
    "told",
    [{"host": "192.168.1.2", "plain_http": True}, {"trusted_proxy": "127.0.0.1"}, {"demo_user": False}],
)
def test_a_demo_has_a_visitor_on_loopback_only(town_store: Store, told: dict[str, object]) -> None:
    assert DemoUser(town_store, Settings()).there
    assert not DemoUser(town_store, Settings(**told)).there  # type: ignore[arg-type]


def test_a_real_district_has_no_visitor(store: Store) -> None:
    assert not DemoUser(store, Settings()).there
