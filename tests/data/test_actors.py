"""Who may act where."""

from __future__ import annotations

import pytest

from data.actors import PROGRAM, Actor, Grant, Place
from data.errors import Refused

STREET, OTHER, DISTRICT, GRID = 10, 11, 1, 100
STREETS_OPERATOR = Actor(
    "person", "yinquelu", "银雀路街道值班席", (Grant("operator", frozenset({Place("street", STREET)})),)
)
HANDLER = Actor("person", "water", "水务局", (Grant("unit_handler"),), unit_id=7)


def test_a_role_holds_in_its_place_and_below_and_nowhere_else() -> None:
    assert STREETS_OPERATOR.may("operator", [GRID, STREET, DISTRICT])
    assert STREETS_OPERATOR.may("operator", [STREET, DISTRICT])
    assert not STREETS_OPERATOR.may("operator", [OTHER, DISTRICT])
    assert not STREETS_OPERATOR.may("operator", [DISTRICT])
    assert not STREETS_OPERATOR.may("dispatcher", [STREET, DISTRICT])


def test_what_lies_nowhere_is_the_districts() -> None:
    assert not STREETS_OPERATOR.may("operator", [])
    assert HANDLER.may("unit_handler", [])


def test_the_role_that_allows_is_what_the_ledger_writes() -> None:
    both = Actor("person", "x", "X", (Grant("leader"), Grant("dispatcher", frozenset({Place("street", STREET)}))))
    assert both.role_for(("dispatcher", "leader"), [STREET, DISTRICT]) == "dispatcher"
    assert both.role_for(("dispatcher", "leader"), [OTHER, DISTRICT]) == "leader"
    assert both.role_for(("operator",), [STREET]) is None
    assert both.roles == ("dispatcher", "leader")


def test_a_handler_acts_for_its_own_unit_only() -> None:
    assert HANDLER.acts_for(7)
    assert not HANDLER.acts_for(8)
    assert not STREETS_OPERATOR.acts_for(None)
    assert PROGRAM.acts_for(8)


def test_a_refusal_names_the_roles_that_could() -> None:
    assert STREETS_OPERATOR.require(["operator"], [STREET]) == "operator"
    with pytest.raises(Refused, match="It takes dispatcher or leader of this place"):
        STREETS_OPERATOR.require(["leader", "dispatcher"], [STREET])


def test_a_device_has_no_role() -> None:
    wall = Actor("device", "wall-1", "大厅", places=frozenset({Place("street", STREET)}))
    assert wall.roles == ()
    assert not wall.may("operator", [STREET])
