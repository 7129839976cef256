"""Plans: versions of all grids and micro-grids, one after the other in time, drafts beside them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING

import duckdb

from data.errors import InputError
from data.levels import BEGINNING, END

if TYPE_CHECKING:
    from data.store import Store


@dataclass(frozen=True)
class Plan:
    """One version of the grids. status: draft, active or retired; the interval is half-open."""

    plan_id: int
    name: str
    status: str
    effective_from: date
    effective_to: date


def plans(store: Store) -> list[Plan]:
    """Every plan in order of time."""
    rows = store.rows(
        "SELECT plan_id, name, status, effective_from, effective_to FROM grid_plan ORDER BY effective_from, plan_id"
    )
    return [Plan(**row) for row in rows]


def plan_on(store: Store, day: date) -> Plan | None:
    """The plan in force on a day; drafts are in force on none."""
    found = [p for p in plans(store) if p.status != "draft" and p.effective_from <= day < p.effective_to]
    return found[-1] if found else None


def find_plan(
    store: Store, name: str | None = None, effective_from: date | None = None, *, draft: bool = False
) -> Plan:
    """The plan grids are to be put into: the one of that name or first day, else a new one (`plan_id` 0).

    A new plan ends the one before it on its first day, and needs a first day when there is one before it. Without a
    name and a day it is the plan in force; the first plan of a store holds from the beginning.
    """
    there = plans(store)
    wanted = "draft" if draft else "active"
    alike = [p for p in there if (not name or p.name == name) and effective_from in (None, p.effective_from)]
    if live := [p for p in alike if p.status == wanted]:
        return live[-1]
    if alike and name:
        raise InputError(f'the plan "{name}" is {alike[-1].status}.', todo="Give the new plan another name.")
    start = effective_from or BEGINNING
    lasting = [p for p in there if p.status != "draft"]
    if lasting and not draft and effective_from is None:
        raise InputError(
            f'the plan "{lasting[-1].name}" is in force.',
            todo="Say from which day the new one holds: --effective-from.",
        )
    if not draft and lasting and lasting[-1].effective_from >= start:
        raise InputError(
            f'the plan "{lasting[-1].name}" holds from {lasting[-1].effective_from} already.',
            where=str(start),
            todo="Give a later day.",
        )
    return Plan(0, name or f"plan {len(there) + 1}", wanted, start, END)


def begin(con: duckdb.DuckDBPyConnection, plan: Plan) -> int:
    """Write a plan that `find_plan` proposed and end the one before it; the plan's id. Part of a transaction."""
    if plan.plan_id:
        return plan.plan_id
    if plan.status != "draft":
        for table in ("grid_plan", "place_version"):
            con.execute(
                f"""UPDATE {table} SET effective_to = $1 WHERE effective_to > $1 AND plan_id IN
                    (SELECT plan_id FROM grid_plan WHERE status = 'active')""",
                [plan.effective_from],
            )
        con.execute("UPDATE grid_plan SET status = 'retired' WHERE status = 'active'")
    row = con.execute(
        "INSERT INTO grid_plan VALUES (nextval('plan_ids'), $1, $2, $3, $4, $5) RETURNING plan_id",
        [plan.name, plan.status, plan.effective_from, plan.effective_to, datetime.now(UTC)],
    ).fetchone()
    return 0 if row is None else int(row[0])


def retire_codes(con: duckdb.DuckDBPyConnection, plan_id: int, level: str) -> int:
    """Mark the codes of `level` that this plan no longer has as retired (作废), those it has as in use; how many were."""
    gone = """level = $level AND place_id IN (SELECT place_id FROM place_version v JOIN grid_plan USING (plan_id)
              WHERE status <> 'draft') AND place_id NOT IN (SELECT place_id FROM place_version WHERE plan_id = $plan)"""
    count = con.execute(
        f"SELECT count(*) FROM place WHERE NOT retired AND {gone}", {"level": level, "plan": plan_id}
    ).fetchone()
    con.execute(f"UPDATE place SET retired = true WHERE NOT retired AND {gone}", {"level": level, "plan": plan_id})
    con.execute(
        """UPDATE place SET retired = false WHERE retired AND level = $level
           AND place_id IN (SELECT place_id FROM place_version WHERE plan_id = $plan)""",
        {"level": level, "plan": plan_id},
    )
    return 0 if count is None else int(count[0])
