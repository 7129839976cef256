"""Definitions of kinds: what is shipped is whole, and what is wrong is named with file and key path."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from data.definitions import SETS, SHIPPED, definitions_of, kind_definitions, read_kind
from data.errors import InputError
from data.settings import Settings
from data.store import Store

EVENT = (SHIPPED / "kinds" / "event.toml").read_text("utf-8")


@pytest.mark.parametrize("name", ["event", "interview", "listing", "request", "supervision", "task", "whistle"])
def test_every_shipped_kind_is_whole(name: str) -> None:
    text = kind_definitions(None)[name]
    assert read_kind(text.body, text.where).id == name


def test_an_event_has_every_move_of_its_life() -> None:
    kind = read_kind(EVENT, "event.toml")
    actions = {move.action for move in kind.moves}
    assert actions >= {
        "registered", "dispatched", "accepted", "handled", "verified", "closed", "returned", "redispatched", "urged",
        "reworked", "reopened", "extended", "suspended", "resumed", "voided", "escalated", "rated", "assisted",
    }  # fmt: skip
    assert {stage.public.zh for stage in kind.stages.values() if stage.public} >= {"已收到", "已办结"}


@pytest.mark.parametrize(
    ("old", "new", "where", "what"),
    [
        ('from = ["verified"]\nto = "closed"', 'from = ["verfied"]\nto = "closed"', "moves.close.from", "no stage verfied"),
        ('roles = ["dispatcher", "administrator"]', 'roles = ["boss"]', "moves.void.roles.0", "no role boss"),
        ('starts = ["register"]\nstops = ["close", "void"]', 'starts = ["registr"]', "clocks.close.starts", "no move registr"),
        ('action = "urged"', 'action = "hurried"', "moves.urge.action", "no action hurried"),
        ('needs = ["other"]', 'needs = ["friend"]', "moves.link.needs.0", "cannot carry friend"),
        ('to = "verified"', 'to = "handled"', "stages.verified", "cannot be reached"),
        ('id = "reopen"', 'id = "close"', "moves.close", "stands there twice"),
        ('with = ["extension_asked"]', 'with = ["extension_askd"]', "moves.grant_extension.with", "no move marks extension_askd"),
        ("hours = 2\nworked", "worked", "clocks.accept", "either limit or hours"),
        ('to = "street"', 'to = "town"', "escalation.3.to", "no level town"),
        ('id = "event"', 'id = "event"\ncolour = "red"', "colour", "Extra inputs"),
    ],
)  # fmt: skip
def test_a_wrong_definition_is_named_by_file_and_key_path(old: str, new: str, where: str, what: str) -> None:
    assert old in EVENT
    with pytest.raises(InputError) as caught:
        read_kind(EVENT.replace(old, new, 1), "event.toml")
    assert caught.value.where == f"event.toml: {where}"
    assert what in caught.value.what


def test_a_stage_without_a_way_to_an_end_is_a_dead_end() -> None:
    body = EVENT + '\n[stages.parked]\nname = { zh = "搁置", en = "Parked" }\n'
    body = body.replace('id = "urge"', 'id = "park"\nname = { zh = "搁置", en = "Park" }\naction = "noted"\nfrom = '
        '["accepted"]\nto = "parked"\nroles = ["operator"]\n\n[[moves]]\nid = "urge"', 1)  # fmt: skip
    with pytest.raises(InputError, match="dead end") as caught:
        read_kind(body, "event.toml")
    assert caught.value.where == "event.toml: stages.parked"


def test_a_city_s_own_definition_comes_first_and_stops_the_start_when_it_is_wrong(settings: Settings) -> None:
    new = {"name": "样例区", "code": "990100", "zone": "Asia/Shanghai", "crs": "EPSG:4547"}
    with Store.create(settings.home, settings=settings, **new) as store:
        before = store.rows("SELECT digest FROM definition WHERE definition_id = 'kind/event'")
    own = settings.home / "definitions" / "kinds"
    own.mkdir(parents=True)
    (own / "event.toml").write_text(EVENT.replace("warn = 0.5", "warn = 0.6"), "utf-8")
    with Store.open(settings.home, settings) as store:
        after = store.rows("SELECT digest FROM definition WHERE definition_id = 'kind/event' ORDER BY effective_from")
    assert len(after) == 2
    assert after[0] == before[0]
    (own / "event.toml").write_text("id = ", "utf-8")
    with pytest.raises(InputError, match="not TOML"):
        Store.open(settings.home, settings)
    shutil.rmtree(own.parent)
    Store.open(settings.home, settings).close()


def test_the_same_text_is_stored_once_however_often_the_store_opens(settings: Settings, tmp_path: Path) -> None:
    new = {"name": "样例区", "code": "990100", "zone": "Asia/Shanghai", "crs": "EPSG:4547"}
    Store.create(settings.home, settings=settings, **new).close()
    with Store.open(settings.home, settings) as store:
        rows = store.rows("SELECT definition_id, count(*) AS n FROM definition GROUP BY 1 ORDER BY 1")
    assert {row["definition_id"]: row["n"] for row in rows} == {
        **{f"{what}/{name}": 1 for what in SETS for name in definitions_of(None, what)},
        "service_levels": 1,
        "reporting": 1,
        "leader": 1,
    }
