"""Accounts, tokens and sessions: who is let in, and until when."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from data.accounts import Account
from data.actors import PROGRAM, Grant, Place
from data.attempts import WINDOW, Attempts
from data.errors import InputError, NotFound, Refused
from data.passwords import matches
from data.sessions import Sessions
from data.store import Store
from data.tokens import digest_of
from tests.data.builder import put

PASSWORD = "correct horse battery"


def opened(store: Store, name: str = "chief", *roles: str, password: str | None = PASSWORD) -> Account:
    outside = None if password else f"{name}@city"
    return store.access.accounts.add(
        PROGRAM, name=name, roles=roles or ("administrator",), password=password, outside=outside
    )


def street(store: Store) -> Place:
    put(store, "street", [{"code": "S1", "name": "北门街道"}])
    return Place("street", int(store.rows("SELECT place_id FROM place WHERE code = 'S1'")[0]["place_id"]))


# Accounts.


def test_an_account_is_a_post_with_roles_at_places(store: Store) -> None:
    place = street(store)
    account = opened(store, "night", "operator@S1", "leader")
    assert account.grants == (Grant("operator", frozenset({place})), Grant("leader"))
    assert account.label == "night"
    again = Store.open  # the same after the store was closed
    home, settings = store.home, store.settings
    store.close()
    with again(home, settings) as reopened:
        assert reopened.access.accounts.by_name("NIGHT").grants == account.grants


def test_a_password_is_kept_as_a_hash_only(store: Store) -> None:
    opened(store)
    kept = store.rows("SELECT password FROM account")[0]["password"]
    assert kept.startswith("$argon2id$")
    assert PASSWORD not in kept
    assert matches(kept, PASSWORD)
    assert not matches(kept, PASSWORD + "r")
    assert "password" not in repr(store.access.accounts.by_name("chief"))


def test_only_the_right_name_and_password_open(store: Store) -> None:
    account = opened(store)
    accounts = store.access.accounts
    assert accounts.signing_in("Chief", PASSWORD) == account
    assert accounts.signing_in("chief", "something else") is None
    assert accounts.signing_in("nobody", PASSWORD) is None
    opened(store, "outer", password=None)
    assert accounts.signing_in("outer", "") is None


@pytest.mark.parametrize("password", ["short", "aaaaaaaaaaaa", "chief-of-all", "x" * 257])
def test_a_password_anybody_would_guess_is_not_taken(store: Store, password: str) -> None:
    with pytest.raises(InputError, match="password"):
        opened(store, "chief-of-all", password=password)


@pytest.mark.parametrize(
    ("told", "what"),
    [
        ({"name": "a b"}, "no account name"),
        ({"name": "CHIEF"}, "of that name"),
        ({"roles": ["king"]}, "no role"),
        ({"roles": []}, "needs a role"),
        ({"roles": ["operator@nowhere"]}, "no place"),
        ({"unit": "no such unit"}, "no unit"),
        ({"password": None}, "needs a password or a name"),
    ],
)
def test_what_is_no_account_is_refused_with_the_reason(store: Store, told: dict[str, object], what: str) -> None:
    opened(store)
    given = {"name": "other", "roles": ["operator"], "password": PASSWORD, **told}
    with pytest.raises(InputError, match=what):
        store.access.accounts.add(PROGRAM, **given)  # type: ignore[arg-type]
    assert [one.name for one in store.access.accounts.all()] == ["chief"]


def test_the_last_administrator_can_neither_be_shut_nor_lose_the_role(store: Store) -> None:
    chief, accounts = opened(store), store.access.accounts
    opened(store, "worker", "operator")
    with pytest.raises(Refused, match="last administrator"):
        accounts.set_disabled(PROGRAM, chief, True)
    with pytest.raises(Refused, match="last administrator"):
        accounts.set_roles(PROGRAM, chief, ["operator"])
    opened(store, "deputy")
    accounts.set_disabled(PROGRAM, chief, True)
    assert [one.name for one in accounts.administrators()] == ["deputy"]


def test_an_administrator_of_one_street_administers_no_deployment(store: Store) -> None:
    street(store)
    assert not opened(store, "street", "administrator@S1").administers


def test_every_change_is_in_the_audit_log(store: Store) -> None:
    account, accounts = opened(store), store.access.accounts
    accounts.set_password(PROGRAM, account, "another good one")
    opened(store, "deputy")
    accounts.set_disabled(PROGRAM, account, True)
    token, _secret = store.access.tokens.add_key(PROGRAM, "open311", accounts.by_name("deputy"))
    store.access.tokens.revoke(PROGRAM, token)
    rows = store.rows("SELECT action, actor_kind, actor FROM audit WHERE action <> 'definition' ORDER BY audit_id")
    assert [row["action"] for row in rows] == [
        "account_added", "password_changed", "account_added", "account_changed", "token_made", "token_revoked",
    ]  # fmt: skip
    assert {(row["actor_kind"], row["actor"]) for row in rows} == {("program", "command line")}


# Sessions.


class Times:
    """A clock that is moved by hand."""

    def __init__(self) -> None:
        self.now = datetime(2024, 3, 1, 8, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now


def sessions(store: Store, times: Times) -> Sessions:
    access = store.access
    limits = {"idle": timedelta(minutes=60), "longest": timedelta(hours=12)}
    return Sessions(store, access.accounts, access.tokens, **limits, now=times)


def test_a_session_ends_when_it_is_not_used(store: Store) -> None:
    times = Times()
    held = sessions(store, times)
    digest = digest_of(held.begin(opened(store)))
    times.now += timedelta(minutes=59)
    assert held.actor(digest) is not None
    times.now += timedelta(minutes=59)
    assert held.actor(digest, used=False) is not None  # a page that only listens
    times.now += timedelta(minutes=1)
    assert held.actor(digest) is None


def test_a_session_ends_after_its_longest_time_however_busy(store: Store) -> None:
    times = Times()
    held = sessions(store, times)
    digest = digest_of(held.begin(opened(store)))
    for _ in range(23):
        times.now += timedelta(minutes=30)
        assert held.actor(digest) is not None
    times.now += timedelta(minutes=30)
    assert held.actor(digest) is None


def test_the_store_knows_only_the_hash_of_a_cookie(store: Store) -> None:
    secret = store.access.sessions.begin(opened(store))
    rows = store.rows("SELECT digest FROM session")
    assert [row["digest"] for row in rows] == [digest_of(secret)]


def test_a_session_outlives_a_restart(store: Store) -> None:
    digest = digest_of(store.access.sessions.begin(opened(store)))
    home, settings = store.home, store.settings
    store.close()
    with Store.open(home, settings) as reopened:
        actor = reopened.access.sessions.actor(digest)
        assert actor is not None
        assert (actor.name, actor.roles) == ("chief", ("administrator",))


@pytest.mark.parametrize("change", ["password", "roles", "disabled"])
def test_a_changed_account_signs_its_sessions_out_and_tells_its_sockets(store: Store, change: str) -> None:
    opened(store)
    account, accounts, held = opened(store, "night", "operator"), store.access.accounts, store.access.sessions
    digest, other = digest_of(held.begin(account)), digest_of(held.begin(accounts.by_name("chief")))
    ended: list[bytes] = []
    held.on_end(ended.append)
    if change == "password":
        accounts.set_password(PROGRAM, account, "another good one")
    elif change == "roles":
        accounts.set_roles(PROGRAM, account, ["leader"])
    else:
        accounts.set_disabled(PROGRAM, account, True)
    assert held.actor(digest) is None
    assert held.actor(other) is not None
    assert ended == [digest]


def test_signing_in_and_out_does_not_stir_the_screens(store: Store) -> None:
    account, before = opened(store), store.version
    store.access.sessions.end(digest_of(store.access.sessions.begin(account)))
    store.writer.run(lambda _con: None, quiet=True).result()
    assert store.rows("SELECT * FROM session") == []
    assert store.version == before


# Walls and keys.


def test_a_wall_reads_one_place_and_has_no_idle_time(store: Store) -> None:
    place, times = street(store), Times()
    token, secret = store.access.tokens.add_device(PROGRAM, "大厅", "S1")
    assert secret.startswith("jw-wall-")
    held = sessions(store, times)
    digest = digest_of(held.begin_device(token))
    times.now += timedelta(days=300)
    actor = held.actor(digest, used=False)
    assert actor is not None
    assert (actor.kind, actor.places, actor.roles) == ("device", frozenset({place}), ())
    seen = store.access.tokens.get(token.token_id).seen_at
    assert seen is not None


def test_a_revoked_wall_is_out_at_once(store: Store) -> None:
    street(store)
    access = store.access
    token, secret = access.tokens.add_device(PROGRAM, "大厅", "S1")
    digest = digest_of(access.sessions.begin_device(token))
    access.tokens.revoke(PROGRAM, token)
    assert access.sessions.actor(digest) is None
    assert access.tokens.find(secret, "device") is None


def test_when_a_wall_was_last_seen_is_written_down(store: Store) -> None:
    street(store)
    token, _secret = store.access.tokens.add_device(PROGRAM, "大厅", "S1")
    store.access.tokens.seen(token.token_id)
    store.writer.run(store.access._keep_seen, quiet=True).result()
    assert store.rows("SELECT seen_at IS NOT NULL AS seen FROM access_token") == [{"seen": True}]


def test_a_key_acts_as_its_post_until_that_is_shut(store: Store) -> None:
    opened(store)
    access, account = store.access, opened(store, "open311", "operator")
    token, secret = access.tokens.add_key(PROGRAM, "gateway", account)
    assert access.tokens.find(secret, "api") == token
    assert access.tokens.find(secret, "device") is None
    actor = access.tokens.actor(token.token_id)
    assert actor is not None
    assert (actor.kind, actor.name, actor.roles) == ("api", "open311 (gateway)", ("operator",))
    access.accounts.set_disabled(PROGRAM, account, True)
    assert access.tokens.actor(token.token_id) is None
    with pytest.raises(NotFound):
        access.tokens.get(99)


# Tries.


def test_the_sixth_wrong_try_from_one_address_has_to_wait_and_others_do_not() -> None:
    seconds = [0.0]
    tries = Attempts(lambda: seconds[0])
    for _ in range(5):
        assert tries.wait("chief", "10.0.0.1") == 0
        tries.failed("chief", "10.0.0.1")
    assert tries.wait("Chief", "10.0.0.1") == WINDOW
    assert tries.wait("chief", "10.0.0.2") == 0
    assert tries.wait("other", "10.0.0.1") == 0
    seconds[0] = WINDOW + 1
    assert tries.wait("chief", "10.0.0.1") == 0


def test_one_password_tried_at_twenty_posts_is_stopped_too() -> None:
    tries = Attempts(lambda: 0.0)
    for number in range(20):
        assert tries.wait(f"post{number}", "10.0.0.1") == 0
        tries.failed(f"post{number}", "10.0.0.1")
    assert tries.wait("post20", "10.0.0.1") == WINDOW


def test_signing_in_is_no_failure() -> None:
    tries = Attempts(lambda: 0.0)
    for _ in range(100):
        tries.failed("chief", "10.0.0.1")
        tries.succeeded("chief", "10.0.0.1")
    assert tries.wait("chief", "10.0.0.1") == 0


def test_what_nobody_uses_is_swept_with_its_sockets(store: Store) -> None:
    times = Times()
    held = sessions(store, times)
    ended: list[bytes] = []
    held.on_end(ended.append)
    digest = digest_of(held.begin(opened(store)))
    held.sweep()
    assert ended == []
    times.now += timedelta(hours=1)
    held.sweep()
    assert ended == [digest]
    store.writer.run(lambda _con: None, quiet=True).result()
    assert store.rows("SELECT * FROM session") == []


def test_a_wall_that_starts_anew_every_day_leaves_no_heap_of_sessions(store: Store) -> None:
    street(store)
    access, times = store.access, Times()
    held = sessions(store, times)
    token, _secret = access.tokens.add_device(PROGRAM, "大厅", "S1")
    for _ in range(52):
        times.now += timedelta(days=1)
        held.begin_device(token)
    assert len(held.all()) == 50
