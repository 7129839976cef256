"""Communities split and merged by a draft: ground, codes, what belonged to them, and the cases located only to them."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np
import shapely

from data import cell_sets, drafts
from data.draft_journal import Change, put_change, redo, undo
from data.draft_review import approve, submit
from data.drafts import NEW, drawing
from data.enacting import enact, put_plan
from data.quality import Quality
from data.store import Store
from data.successors import heirs, told
from tests.data.builder import case_id, put, take
from tests.data.drawn import COMMUNITY, LEADING, PLANNING, box, drafted, ids

STREET = "990100001"


def redrawn(store: Store, draft_id: int, seen: int, cells: list[int], community: int) -> None:
    """Put cells into a community."""
    now = drawing(store, draft_id)
    cell = np.array(cells)
    change = Change(cell, now.grid[cell], now.micro[cell], community=np.full(len(cells), community))
    put_change(store, draft_id, seen, "community_paint", change, PLANNING)


def in_force(store: Store, draft_id: int, seen: int) -> date:
    """Take the draft into force today; the day."""
    today = store.now().astimezone(store.zone).date()
    submit(store, draft_id, seen, 0, PLANNING)
    approve(store, draft_id, today + timedelta(days=1), "", LEADING)
    store.writer.run(lambda con: con.execute("UPDATE draft SET effective_from = $1", [today])).result()
    assert store.writer.run(lambda con: enact(store, con)).result() == 1
    return today


def communities(store: Store, day: date) -> dict[str, tuple[str, int | None, float | None]]:
    """Code → name, households and width in degrees of the communities of a day."""
    rows = store.rows(
        """SELECT p.code, v.name, v.households, ST_XMax(geometry) - ST_XMin(geometry) AS wide FROM place_version v
           JOIN place p USING (place_id)
           WHERE level = 'community' AND v.effective_from <= $1 AND $1 < v.effective_to ORDER BY p.code""",
        [day],
    )
    return {row["code"]: (row["name"], row["households"], row["wide"] and round(row["wide"], 6)) for row in rows}


def test_a_community_is_split_undone_and_done_again(store: Store) -> None:
    draft_id, _west, _east = drafted(store)
    old = ids(store)[COMMUNITY]
    redrawn(store, draft_id, 0, [4, 5, 6, 7], NEW)
    assert drawing(store, draft_id).community.tolist() == [old] * 4 + [NEW] * 4
    undo(store, draft_id, 1, PLANNING)
    assert not drawing(store, draft_id).is_changed
    redo(store, draft_id, 2, PLANNING)
    assert (drawing(store, draft_id).community.tolist(), drawing(store, draft_id).newest) == (
        [old] * 4 + [NEW] * 4,
        NEW,
    )


def test_what_was_split_off_is_a_community_from_that_day_and_the_cases_of_the_whole_are_flagged(store: Store) -> None:
    draft_id, west, east = drafted(store)
    put(store, "estate", [{"code": "E1", "name": "东苑", "parent_code": COMMUNITY, "geometry": box(6)}])
    take(store, *({"id": name, "reported": "2026-03-01 08:00", "at": ""} for name in ("named", "pointed")))
    placed = "UPDATE case_place SET located = $1, community_id = $2, grid_id = $3 WHERE case_id = $4"
    rows = [
        ("community", ids(store)[COMMUNITY], None, case_id(store, "named")),
        ("point", ids(store)[COMMUNITY], east, case_id(store, "pointed")),
    ]
    store.writer.run(lambda con: con.executemany(placed, rows)).result()
    redrawn(store, draft_id, 0, [4, 5, 6, 7], NEW)
    today = in_force(store, draft_id, 1)
    second = f"{STREET}002"
    assert communities(store, today) == {
        COMMUNITY: ("青松社区", 400, 0.04),
        second: ("青松第2社区", 400, 0.04),
    }
    assert communities(store, today - timedelta(days=1)) == {COMMUNITY: ("青松社区", None, 0.08)}
    known = ids(store)
    rows = store.rows(
        """SELECT p.code, v.parent_id FROM place_version v JOIN place p USING (place_id)
           WHERE level IN ('grid', 'estate') AND v.effective_from <= $1 AND $1 < v.effective_to ORDER BY p.code""",
        [today],
    )
    assert {row["code"]: row["parent_id"] for row in rows} == {
        f"{COMMUNITY}001": known[COMMUNITY],
        f"{COMMUNITY}002": known[second],  # grids keep their codes
        "E1": known[second],
    }
    flags = [
        row["flags"] & int(Quality.REDRAWN_PLACE) > 0 for row in store.rows("SELECT flags FROM cases ORDER BY case_id")
    ]
    assert flags == [True, False]
    assert (west, east) == (known[f"{COMMUNITY}001"], known[f"{COMMUNITY}002"])


def test_a_community_that_is_merged_keeps_its_name_without_ground_and_its_posts_pass(store: Store) -> None:
    draft_id, _west, _east = drafted(store)
    redrawn(store, draft_id, 0, [4, 5, 6, 7], NEW)
    today = in_force(store, draft_id, 1)
    known = ids(store)
    first, second = known[COMMUNITY], known[f"{STREET}002"]
    rows = [(first, "guide", 2, 2), (second, "guide", 3, 1)]
    store.writer.run(
        lambda con: con.executemany(
            "INSERT INTO post VALUES (nextval('post_ids'), $1, $2, $3, $4, $4, DATE '2020-01-01', DATE '9999-12-31')",
            rows,
        )
    ).result()
    # the merger, drawn on the cells as if they had been made over the new plan
    now = drawing(store, draft_id)
    store.writer.run(lambda con: con.execute("UPDATE cell SET community_id = $1 WHERE cell >= 4", [second])).result()
    cell_sets._KEPT.clear()
    drafts._DRAWN.clear()
    other = drafts.make_draft(store, "合并", now.cells.cell_set_id, "standard", PLANNING)
    redrawn(store, other, 0, [4, 5, 6, 7], first)
    assert [(one.level, one.place_id, one.heir, one.share) for one in heirs(drawing(store, other))] == [
        ("community", second, first, 1.0)
    ]
    assert [(one.what, one.label, one.n) for one in told(store, drawing(store, other), today, effective=False)] == [
        ("post", "guide", 1)
    ]
    store.writer.run(
        lambda con: con.execute("UPDATE cell_set SET plan_id = (SELECT max(plan_id) FROM grid_plan)")
    ).result()
    store.writer.run(
        lambda con: con.execute(
            "UPDATE draft SET state = 'approved', effective_from = $1 WHERE draft_id = $2",
            [today + timedelta(days=1), other],
        )
    ).result()
    day = today + timedelta(days=1)
    store.writer.run(lambda con: put_plan(store, con, drawing(store, other), "合并", day)).result()
    assert communities(store, day) == {COMMUNITY: ("青松社区", 800, 0.08), f"{STREET}002": ("青松第2社区", None, None)}
    assert store.rows("SELECT code FROM place WHERE retired AND level = 'community'") == [{"code": f"{STREET}002"}]
    posts = store.rows(
        "SELECT place_id, required, actual, on_duty FROM post WHERE effective_from <= $1 AND $1 < effective_to", [day]
    )
    assert posts == [{"place_id": first, "required": 2, "actual": 3, "on_duty": 3}]
    assert [(one.place_id, one.heir, one.n) for one in told(store, drawing(store, other), day, effective=True)] == [
        (second, first, 1)
    ]


def test_ground_no_cell_covers_stays_with_the_nearest_community(store: Store) -> None:
    draft_id, _west, _east = drafted(store)
    wide = shapely.to_wkb(shapely.box(112.99, 34.0, 113.08, 34.01))
    store.writer.run(
        lambda con: con.execute(
            "UPDATE place_version SET geometry = ST_GeomFromWKB($1) WHERE place_id = $2", [wide, ids(store)[COMMUNITY]]
        )
    ).result()
    redrawn(store, draft_id, 0, [0, 1, 2, 3], NEW)
    today = in_force(store, draft_id, 1)
    assert {code: wide for code, (_name, _n, wide) in communities(store, today).items()} == {
        COMMUNITY: 0.04, f"{STREET}002": 0.05,
    }  # fmt: skip
