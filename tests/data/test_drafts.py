"""Drafts: a journal that only grows, one change after another, rules of a draft's own, and the way to force."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np
import pytest

from data import drafts as drafts_of
from data.atlas import atlas_on
from data.cell_sets import known_set
from data.draft_journal import Change, can, changed_since, journal, mark, put_change, redo, undo
from data.draft_review import approve, comment, comments, send_back, settle, steps, submit, withdraw
from data.drafts import NEW, change_rules, draft, drafts, drawing, make_draft
from data.enacting import enact
from data.errors import InputError, Refused, StaleMove
from data.plan_rules import PlanRules
from data.plans import plan_on, plans
from data.store import Store
from tests.data.drawn import COMMUNITY, LEADING, PLANNING, SECOND, drafted, ids, town


def moved(store: Store, draft_id: int, seen: int, cells: list[int], to: int, micro: int, **options: object) -> None:
    """Move cells into a grid and a micro-grid."""
    size = len(cells)
    change = Change(np.array(cells), np.full(size, to), np.full(size, micro))
    put_change(store, draft_id, seen, "paint", change, SECOND if options.get("by_second") else PLANNING)


def test_a_draft_begins_as_the_plan_in_force(store: Store) -> None:
    draft_id, west, east = drafted(store)
    now = drawing(store, draft_id)
    assert now.grid.tolist() == [west] * 4 + [east] * 4
    assert (now.seq, now.head, now.is_changed) == (0, 0, False)
    assert [one.name for one in drafts(store)] == ["草案"]
    assert known_set(store, atlas_on(store)) == now.cells.cell_set_id


def test_undo_and_redo_walk_the_journal_and_nothing_is_taken_out(store: Store) -> None:
    draft_id, west, east = drafted(store)
    micro = ids(store)[f"{COMMUNITY}00101"]
    moved(store, draft_id, 0, [4, 5], west, micro)
    moved(store, draft_id, 1, [6], west, micro)
    assert drawing(store, draft_id).grid.tolist() == [west] * 7 + [east]
    undo(store, draft_id, 2, PLANNING)
    undo(store, draft_id, 3, PLANNING)
    assert not drawing(store, draft_id).is_changed
    assert can(store, draft_id) == (False, True)
    with pytest.raises(Refused, match="this is the beginning of the journal"):
        undo(store, draft_id, 4, PLANNING)
    redo(store, draft_id, 4, PLANNING)
    assert drawing(store, draft_id).grid.tolist() == [west] * 6 + [east] * 2
    moved(store, draft_id, 5, [7], NEW, NEW + 1)  # another way on: what was undone cannot be done again
    assert can(store, draft_id) == (True, False)
    assert [(line.tool, line.follows, line.head, line.n) for line in journal(store, draft_id)] == [
        ("paint", 0, 1, 2), ("paint", 1, 2, 1), ("undo", 2, 1, 1), ("undo", 1, 0, 2), ("redo", 0, 1, 2), ("paint", 1, 6, 1),
    ]  # fmt: skip
    assert changed_since(store, draft_id, 5).tolist() == [7]


def test_the_journal_alone_gives_the_drawing_back(store: Store) -> None:
    draft_id, west, _east = drafted(store)
    micro = ids(store)[f"{COMMUNITY}00101"]
    moved(store, draft_id, 0, [4], west, micro)
    moved(store, draft_id, 1, [5], NEW, NEW + 1)
    undo(store, draft_id, 2, PLANNING)
    before = drawing(store, draft_id)
    drafts_of._DRAWN.clear()
    after = drawing(store, draft_id)
    assert after.grid.tolist() == before.grid.tolist()
    assert (after.seq, after.head, after.newest) == (3, 1, NEW + 1)


def test_who_changes_something_older_is_refused_and_told_who_was_first(store: Store) -> None:
    draft_id, west, _east = drafted(store)
    micro = ids(store)[f"{COMMUNITY}00101"]
    moved(store, draft_id, 0, [4], west, micro, by_second=True)
    with pytest.raises(StaleMove, match="somebody changed it first: 规划二岗"):
        moved(store, draft_id, 0, [5], west, micro)
    assert drawing(store, draft_id).seq == 1


def test_a_locked_grid_neither_gives_nor_takes(store: Store) -> None:
    draft_id, west, east = drafted(store)
    micro = ids(store)[f"{COMMUNITY}00101"]
    none = np.zeros(0, np.int64)
    put_change(store, draft_id, 0, "lock", Change(none, none, none, ((east, True),)), PLANNING)
    with pytest.raises(Refused, match="1 of these grids are locked"):
        moved(store, draft_id, 1, [4], west, micro)
    undo(store, draft_id, 1, PLANNING)
    assert drawing(store, draft_id).locked == frozenset()
    moved(store, draft_id, 2, [4], west, micro)


def test_a_change_that_changes_nothing_and_cells_there_are_not_are_refused(store: Store) -> None:
    draft_id, west, _east = drafted(store)
    micro = ids(store)[f"{COMMUNITY}00101"]
    with pytest.raises(Refused, match="this changes nothing"):
        moved(store, draft_id, 0, [0, 1], west, micro)
    with pytest.raises(InputError, match="there are no such cells"):
        moved(store, draft_id, 0, [8], west, micro)
    with pytest.raises(Refused, match="may not do draw a plan"):
        put_change(store, draft_id, 0, "paint", Change(np.array([0]), np.array([west]), np.array([micro])), LEADING)


def test_two_drafts_have_two_names(store: Store) -> None:
    drafted(store)
    with pytest.raises(InputError, match="there is a draft of this name"):
        make_draft(store, "草案", drafts(store)[0].cell_set_id, "standard", PLANNING)


def test_a_draft_has_rules_of_its_own(store: Store) -> None:
    draft_id, _west, _east = drafted(store)
    assert draft(store, draft_id).rules.grid.band == (300, 500)
    change_rules(store, draft_id, "grid", {"band": [350, 450], "hard": False}, PLANNING)
    change_rules(store, draft_id, "moved", {"most": 0.02, "hard": True}, PLANNING)
    rules = draft(store, draft_id).rules
    assert (rules.grid.band, rules.grid.target, rules.is_hard("grid")) == ((350, 450), 400, False)
    assert (rules.moved.most, rules.is_hard("moved")) == (0.02, True)
    with pytest.raises(InputError, match="this is no value of the rule"):
        change_rules(store, draft_id, "grid", {"band": [500, 300]}, PLANNING)
    with pytest.raises(InputError, match="this rule has no such setting"):
        change_rules(store, draft_id, "walls", {"most": 1}, PLANNING)
    with pytest.raises(InputError, match="there is no such rule"):
        change_rules(store, draft_id, "posts", {}, PLANNING)


def test_posts_are_counted_by_grids_micro_grids_and_households(store: Store) -> None:
    draft_id, _west, _east = drafted(store)
    rules: PlanRules = draft(store, draft_id).rules
    # one head, two part-time; one full-time for each 400 begun; one head a micro-grid
    assert [rules.posts_needed(*asked) for asked in ((400, 8), (401, 8), (0, 0))] == [12, 13, 3]


def test_a_draft_goes_through_review_and_is_approved_by_another_role(store: Store) -> None:
    draft_id, west, _east = drafted(store)
    micro = ids(store)[f"{COMMUNITY}00101"]
    moved(store, draft_id, 0, [4], west, micro)
    tomorrow = store.now().astimezone(store.zone).date() + timedelta(days=1)
    with pytest.raises(Refused, match="2 hard rules are broken"):
        submit(store, draft_id, 1, 2, PLANNING)
    with pytest.raises(Refused, match="the draft has changed since it was looked at"):
        submit(store, draft_id, 0, 0, PLANNING)
    submit(store, draft_id, 1, 0, PLANNING)
    with pytest.raises(Refused, match="the draft is review"):
        undo(store, draft_id, 1, PLANNING)
    with pytest.raises(Refused, match="may not do turn a plan"):
        approve(store, draft_id, tomorrow, "", PLANNING)
    with pytest.raises(InputError, match="a plan takes effect on a day to come"):
        approve(store, draft_id, tomorrow - timedelta(days=1), "", LEADING)
    with pytest.raises(InputError, match="say what is to be changed"):
        send_back(store, draft_id, " ", LEADING)
    send_back(store, draft_id, "北门再看看", LEADING)
    submit(store, draft_id, 1, 0, PLANNING)
    approve(store, draft_id, tomorrow, "", LEADING)
    assert (draft(store, draft_id).state, draft(store, draft_id).effective_from) == ("approved", tomorrow)
    assert [(one.step, one.by_role) for one in steps(store, draft_id)] == [
        ("made", "planner"), ("review", "planner"), ("back", "leader"), ("review", "planner"), ("approved", "leader"),
    ]  # fmt: skip
    withdraw(store, draft_id, PLANNING)
    assert draft(store, draft_id).state == "withdrawn"


def test_remarks_are_pinned_settled_once_and_change_the_mark(store: Store) -> None:
    draft_id, _west, _east = drafted(store)
    first = mark(store, draft_id)
    number = comment(store, draft_id, 113.01, 34.005, " 这里有新楼 ", LEADING)
    assert [(one.body, one.author, one.settled_at) for one in comments(store, draft_id)] == [
        ("这里有新楼", "区领导", None)
    ]
    assert mark(store, draft_id) != first
    settle(store, draft_id, number, PLANNING)
    assert comments(store, draft_id)[0].settled_by == "规划岗"
    with pytest.raises(InputError, match="this point is not on the map"):
        comment(store, draft_id, 213.0, 34.0, "x", LEADING)


def in_force(store: Store, day: date) -> dict[str, tuple[str, int]]:
    """Code → name and households of the grids and micro-grids of a day's plan."""
    rows = store.rows(
        """SELECT p.code, v.name, v.households FROM place_version v JOIN place p USING (place_id) JOIN grid_plan USING (plan_id)
           WHERE v.effective_from <= $1 AND $1 < v.effective_to ORDER BY p.code""",
        [day],
    )
    return {row["code"]: (row["name"], row["households"]) for row in rows}


def test_on_its_day_the_draft_becomes_the_plan_with_codes_and_retired_ones(store: Store) -> None:
    draft_id, west, _east = drafted(store)
    known = ids(store)
    moved(store, draft_id, 0, [6, 7], NEW, NEW + 2)  # the east end becomes a grid of its own
    moved(store, draft_id, 1, [4, 5], west, known[f"{COMMUNITY}00201"])  # M3 goes over as a whole: G2 is gone
    moved(store, draft_id, 2, [2, 3], NEW + 1, known[f"{COMMUNITY}00102"])  # the middle becomes another
    today = store.now().astimezone(store.zone).date()
    day = today + timedelta(days=1)
    submit(store, draft_id, 3, 0, PLANNING)
    approve(store, draft_id, day, "", LEADING)
    assert store.writer.run(lambda con: enact(store, con)).result() == 0  # not today
    store.writer.run(lambda con: con.execute("UPDATE draft SET effective_from = $1", [today])).result()
    assert store.writer.run(lambda con: enact(store, con)).result() == 1
    assert in_force(store, today) == {
        # kept; the new ones from west to east after every number ever given
        f"{COMMUNITY}001": ("青松第1网格", 400),
        f"{COMMUNITY}003": ("青松第3网格", 200),
        f"{COMMUNITY}004": ("青松第4网格", 200),
        f"{COMMUNITY}00101": ("微1", 200),
        f"{COMMUNITY}00103": (f"{COMMUNITY}00103", 200),  # M3 in another grid: 00102 was M2's
        f"{COMMUNITY}00301": (f"{COMMUNITY}00301", 200),
        f"{COMMUNITY}00401": (f"{COMMUNITY}00401", 200),
    }
    assert in_force(store, today - timedelta(days=1))[f"{COMMUNITY}002"] == ("青松第2网格", 400)
    retired = store.rows("SELECT code FROM place WHERE retired ORDER BY code")
    assert [row["code"] for row in retired] == [
        f"{COMMUNITY}00102",
        f"{COMMUNITY}002",
        f"{COMMUNITY}00201",
        f"{COMMUNITY}00202",
    ]
    assert draft(store, draft_id).state == "effective"
    assert [plan.name for plan in plans(store)][-1] == "草案"
    now = plan_on(store, today)
    assert now is not None
    assert now.plan_id == draft(store, draft_id).plan_id
    assert store.writer.run(lambda con: enact(store, con)).result() == 0  # once


def test_a_draft_of_a_plan_no_longer_in_force_is_not_approved(store: Store) -> None:
    draft_id, west, _east = drafted(store)
    moved(store, draft_id, 0, [4], west, ids(store)[f"{COMMUNITY}00101"])
    submit(store, draft_id, 1, 0, PLANNING)
    today = store.now().astimezone(store.zone).date()
    other = make_draft(store, "另一个", draft(store, draft_id).cell_set_id, "standard", PLANNING)
    moved(store, other, 0, [3], draft_other(store, other), ids(store)[f"{COMMUNITY}00201"])
    submit(store, other, 1, 0, PLANNING)
    approve(store, other, today + timedelta(days=1), "", LEADING)
    with pytest.raises(Refused, match='the plan "另一个" waits to take effect'):
        approve(store, draft_id, today + timedelta(days=2), "", LEADING)
    store.writer.run(
        lambda con: con.execute("UPDATE draft SET effective_from = $1 WHERE state = 'approved'", [today])
    ).result()
    store.writer.run(lambda con: enact(store, con)).result()
    with pytest.raises(Refused, match="no longer in force"):
        approve(store, draft_id, today + timedelta(days=2), "", LEADING)


def draft_other(store: Store, draft_id: int) -> int:
    """The east grid of a draft."""
    return int(drawing(store, draft_id).grid[7])


def test_the_town_of_the_tests_tiles(store: Store) -> None:
    town(store)
    found = store.rows("SELECT count(*) AS n, sum(households) AS h FROM cell")[0]
    assert (found["n"], found["h"]) == (8, 800)
