"""The figures against a second, independent reading of the glossary: random districts with random lives, number by number."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from functools import partial
from typing import Any

import pytest

from data.cases import rebuild
from data.figures import Figure, Filter, Question, figures
from data.moves import Move, Receipt, apply
from data.plans import find_plan
from data.settings import Settings
from data.store import Store
from tests.data import oracle
from tests.data.builder import HOME, draw, local, put, take
from tests.data.tickets import sound

MONTHS = [
    local(text) for text in ("2024-01-01", "02-01", "02-29", "03-01", "03-11", "04-01", "04-15", "05-01", "2024-08-01")
]
MOMENTS = [
    local(text) for text in ("02-20", "03-01", "03-09 12:00", "03-20", "04-01", "04-20", "2024-07-01", "2030-01-01")
]
LEVELS = ("district", "street", "community", "grid", "estate", "unit", "company")
UNITS = ("居委会", "街道办", "城管", "路灯所", "物业")
UNIT_LEVELS = {"居委会": "community", "街道办": "street", "城管": "district", "路灯所": None, "物业": "grid"}
ACTIONS = (
    "dispatched", "accepted", "handled", "verified", "closed", "returned", "redispatched", "urged", "reworked", "reopened",
    "extended", "suspended", "resumed", "voided", "excluded", "included", "escalated", "rated",
)  # fmt: skip
SAYS: dict[str, list[Any]] = {
    "contacted": [True, False, None],
    "resolved": [True, False, None],
    "satisfaction": ["satisfied", "basic", "unsatisfied", None],
}
# The second plan moves the line between two grids; where a case lies then differs from the first.
NEXT_HOME = {"G1": "G2", "G2": "G2", "G3": "G3", "G4": None}
NEXT_PLAN = date(2024, 4, 1)


class World:
    """A store with random cases, and the same cases as the oracle reads them."""

    def __init__(self, store: Store, seed: int, count: int = 60) -> None:
        self.store, self.dice = store, random.Random(seed)
        draw(store)
        put(
            store,
            "grid",
            [{"code": g, "name": g, "parent_code": c} for g, c in (("G2", "C1"), ("G3", "C2"), ("G5", "C3"))],
            plan=find_plan(store, "next", NEXT_PLAN),
        )
        rows = [self._row(number) for number in range(count)]
        take(store, *rows)
        self.cases = {row["id"]: self._case(row) for row in rows}
        self._tomorrow(rows)
        self._redraw()
        self._units()
        self._call_backs()
        self._moves()

    def _tomorrow(self, rows: Sequence[dict[str, Any]]) -> None:
        """The next day's export: some of the open cases are closed, some have a later deadline."""
        changed = []
        for row in rows:
            new: dict[str, Any] = {}
            if row.get("due_at") and self.dice.random() < 0.15:
                updated = row["reported_at"] + timedelta(hours=self.dice.randrange(400))
                new |= {"due_at": row["due_at"] + timedelta(hours=60), "updated_at": updated}
                self.cases[row["id"]]["lines"].append({"action": "extended", "at": updated, "due": new["due_at"]})
            if not row.get("closed") and self.dice.random() < 0.25:
                closed = row["reported_at"] + timedelta(hours=self.dice.randrange(400))
                new |= {"closed": True, "closed_at": closed}
                flag = {} if row.get("on_time") is None else {"on_time": row["on_time"]}
                line = {"action": "closed", "at": closed, "unit": row["unit_name"], "payload": flag}
                self.cases[row["id"]]["lines"].append(line)
            if new:
                changed.append({**row, **new})
        assert take(self.store, *changed).updated == len(changed)
        recorded = self.store.rows("SELECT max(recorded_at) AS at FROM transition")[0]["at"]
        for case in self.cases.values():
            for line in case["lines"]:
                line.setdefault("recorded", recorded)

    def _redraw(self) -> None:
        """Cases of G1 lie in G2 under the second plan."""
        to = "UPDATE case_place SET grid_id = {} WHERE atlas_id = {} AND case_id IN ({})"
        g1, g2 = (f"(SELECT place_id FROM place WHERE level = 'grid' AND code = '{code}')" for code in ("G1", "G2"))
        second = "(SELECT atlas_id FROM atlas WHERE effective_from = DATE '2024-04-01')"
        cases = f"SELECT case_id FROM case_place WHERE grid_id = {g1}"
        self.store.writer.run(lambda con: con.execute(to.format(g2, second, cases)) and None).result()

    def _row(self, number: int) -> dict[str, Any]:
        dice = self.dice
        reported = local("02-10") + timedelta(minutes=dice.randrange(75 * 1440))
        if dice.random() < 0.03:
            reported = local("2026-01-01") + timedelta(days=1200)  # a report from the future
        row: dict[str, Any] = {
            "id": f"T{number}",
            "reported_at": reported,
            "registered_at": reported + timedelta(hours=dice.choice([0, 0, 1, 30])) if dice.random() < 0.85 else None,
            "on_time_source": dice.choice(["dates", "dates", "dates", "flag", "none"]),
            "kind": dice.choice(["event"] * 5 + ["task"]),
            "track": dice.choice(["economy", "livelihood"]),
            "channel": dice.choice(["12345", "patrol", None]),
            "category_name": dice.choice(["路灯", "噪音", None]),
            "unit_name": dice.choice([*UNITS, None]),
            "at": dice.choice(list(HOME)),
            "estate": dice.choice(["E1", "E2", None, None]),
        }
        if row["kind"] == "task" and number > 5 and dice.random() < 0.5:
            row["parent_external_id"] = f"T{dice.randrange(number)}"
        if row["on_time_source"] == "dates" and dice.random() < 0.8:
            row["due_at"] = reported + timedelta(hours=dice.randrange(-5, 400))
            row["handle_due_at"] = row["due_at"] - timedelta(hours=24) if dice.random() < 0.7 else None
        if row["on_time_source"] == "flag" and dice.random() < 0.8:
            row["on_time"] = dice.random() < 0.6
        if dice.random() < 0.3:
            row["handled_at"] = reported + timedelta(hours=dice.randrange(0, 300))
        if dice.random() < 0.4:
            row["closed_at"], row["closed"] = reported + timedelta(hours=dice.randrange(-10, 400)), True
        elif dice.random() < 0.1:
            row["closed"] = True
        return row

    def _case(self, row: Mapping[str, Any]) -> dict[str, Any]:
        """The lines an import writes, as its documentation has them."""
        (known,) = self.store.rows("SELECT case_id, import_id FROM cases WHERE external_id = ?", [row["id"]])
        recorded = self.store.rows(
            "SELECT min(recorded_at) AS at FROM transition WHERE case_id = ?", [known["case_id"]]
        )[0]["at"]
        bearing = {"due": row.get("due_at"), "handle_due": row.get("handle_due_at"), "unit": row["unit_name"]}
        flag = {} if row.get("on_time") is None else {"on_time": row["on_time"]}
        registered, handled, closed = row["registered_at"], row.get("handled_at"), row.get("closed_at")
        is_closed = bool(row.get("closed"))
        told = {} if is_closed else flag
        lines: list[dict[str, Any]] = [{"action": "reported", "at": row["reported_at"]}]
        if registered:
            lines.append({"action": "registered", "at": registered})
        lines[-1] |= {**bearing, "payload": told}
        if handled:
            lines.append({"action": "handled", "at": handled})
        if is_closed:
            unknown = {} if closed else {"time_unknown": True}
            at = closed or registered or row["reported_at"]
            lines.append({"action": "closed", "at": at, "unit": row["unit_name"], "payload": {**flag, **unknown}})
        if handled and closed and handled > closed:
            lines[-2:] = [lines[-1], lines[-2]]
        lies = {plan: self._lies(row, plan) for plan in ("first", "next")}
        parent = row.get("parent_external_id")
        return {
            "id": row["id"], "case_id": known["case_id"], "kind": row["kind"], "parent": parent, "track": row["track"],
            "channel": row["channel"], "category": row["category_name"], "source": row["on_time_source"],
            "lines": [{**line, "recorded": recorded} for line in lines], "calls": [], "lies": lies,
            "reported": row["reported_at"],
        }  # fmt: skip

    def _lies(self, row: Mapping[str, Any], plan: str) -> dict[str, Any]:
        street, community, grid = HOME[row["at"]]
        located = "point" if grid else "community" if community else "street" if street else "none"
        if plan == "next":
            grid = NEXT_HOME.get(grid or "")
        return {"street": street, "community": community, "grid": grid, "estate": row["estate"], "located": located}

    def _units(self) -> None:
        self.ids = {row["name"]: row["unit_id"] for row in self.store.rows("SELECT unit_id, name FROM unit")}

        def job(con: Any) -> None:
            for name, level in UNIT_LEVELS.items():
                con.execute("UPDATE unit SET level = ? WHERE name = ?", [level, name])

        self.store.writer.run(job).result()
        rebuild(self.store)

    def _call_backs(self) -> None:
        rows: list[list[Any]] = []
        for case in self.cases.values():
            for _ in range(self.dice.choice([0, 0, 1, 1, 2, 3])):
                at = case["reported"] + timedelta(hours=self.dice.randrange(1, 900), seconds=len(rows))
                call: dict[str, Any] = {name: self.dice.choice(values) for name, values in SAYS.items()}
                call |= {
                    "at": at,
                    "recorded": self.dice.choice([at, local("2026-06-01")]),
                    "excluded": self.dice.random() < 0.2,
                }
                case["calls"].append(call)
                rows.append([case["case_id"], at, call["recorded"], *(call[name] for name in SAYS), call["excluded"]])

        def job(con: Any) -> None:
            for row in rows:
                con.execute(
                    "INSERT INTO call_back SELECT nextval('call_back_ids'), ?, ?, ?, ?, ?, ?, ?, 'supervisor', 'double'",
                    row,
                )

        self.store.writer.run(job).result()

    def _moves(self) -> None:
        """Moves in batches, some told late, some from the future; every batch is recorded a day after the one before."""
        dice, recorded = self.dice, datetime(2100, 1, 1, tzinfo=UTC)
        self.published = [recorded - timedelta(days=1)]
        clock = {name: case["reported"] for name, case in self.cases.items()}
        n = 0
        for batch in range(12):
            moves, drafts = [], []
            for _ in range(dice.choice([1, 5, 40])):
                case = dice.choice(list(self.cases.values()))
                at = clock[case["id"]] + timedelta(hours=dice.randrange(-60, 200))
                if dice.random() < 0.02:
                    at = local("2029-01-01")
                else:
                    clock[case["id"]] = max(at, clock[case["id"]])
                action = dice.choice(ACTIONS)
                line: dict[str, Any] = {"action": action, "at": at}
                if action in ("extended", "resumed") or dice.random() < 0.05:
                    line["due"] = at + timedelta(hours=dice.randrange(-20, 300))
                if action in ("dispatched", "redispatched", "escalated", "closed") and dice.random() < 0.7:
                    line["unit"] = dice.choice([name for name in UNITS if name in self.ids])
                if action in ("handled", "closed") and dice.random() < 0.1:
                    line["payload"] = {"time_unknown": True}
                if action == "excluded":
                    line["payload"] = {"reason": "not ours"}
                if action == "reworked" and dice.random() < 0.2:
                    line["payload"] = {"times": 3}
                n += 1
                moves.append(
                    Move(case["case_id"], action, at, f"m{n}", due_at=line.get("due"), unit_id=self.ids.get(line.get("unit", "")),
                         by_role="supervisor", payload=line.get("payload"))
                )  # fmt: skip
                drafts.append((case, line))
            now = recorded + timedelta(days=batch)
            answers = self.store.writer.run(partial(apply, moves=moves, recorded_at=now)).result()
            for (case, line), answer in zip(drafts, answers, strict=True):
                assert isinstance(answer, Receipt), answer
                case["lines"].append({**line, "recorded": now})
            self.published.append(now)

    @property
    def facts(self) -> dict[str, Any]:
        """What the oracle needs beside the cases."""
        return {
            "units": dict(UNIT_LEVELS),
            "district": self.store.deployment.code,
            "company_of": {"E1": "物业甲", "E2": "物业乙"},
        }

    def question(self) -> tuple[Question, dict[str, Any]]:
        """A random question, as the figures and as the oracle take it."""
        dice = self.dice
        start, end = sorted(dice.sample(MONTHS, 2))
        t, r = dice.choice(MOMENTS), dice.choice([None, None, *self.published])
        level, kind = dice.choice(LEVELS), dice.choice(["event", "event", "event", "task"])
        basis = dice.choice([None, None, "reported", "registered", "due", "closed", "called_back"])
        plan = dice.choice(["period_end", "period_end", "at_event"])
        filters: dict[str, list[str]] = {}
        for name, values in (
            ("track", ["economy", "livelihood"]), ("channel", ["12345"]), ("category", ["路灯"]), ("unit", ["城管", "物业"]),
            ("company", ["物业甲"]), ("place", ["S1", "C3"]), ("located", ["point", "none"]),
        ):  # fmt: skip
            if dice.random() < 0.08:
                filters[name] = values
        asked = Question(
            level, start, end, t, kind, basis, tuple(Filter(name, tuple(values)) for name, values in filters.items()),
            plan, r,
        )  # fmt: skip
        last_day = (end - timedelta(microseconds=1)).astimezone(self.store.zone).date()

        def plan_at(case: Mapping[str, Any]) -> str:
            day = case["reported"].astimezone(self.store.zone).date() if plan == "at_event" else last_day
            return "next" if day >= NEXT_PLAN else "first"

        return asked, {
            "level": level, "start": start, "end": end, "t": t, "r": r, "kind": kind, "filters": filters, "plan_at": plan_at,
        }  # fmt: skip


@pytest.fixture(scope="module", params=[1, 2, 3])
def world(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Any:
    home = tmp_path_factory.mktemp("oracle")
    settings = Settings(home=home, memory_share=0.1, threads=2)
    with Store.create(
        home, name="样例区", code="990100", zone="Asia/Shanghai", crs="EPSG:4547", settings=settings
    ) as store:
        yield World(store, request.param)


def shown(figure: Figure) -> dict[str, Any]:
    told = {
        "numerator": figure.numerator,
        "denominator": figure.denominator,
        "value": figure.value,
        "left_out": dict(figure.left_out),
    }
    return told | ({"p90": figure.extra.get("p90")} if "p90" in figure.extra else {})


def same(ours: Mapping[str, Any], theirs: Mapping[str, Any]) -> bool:
    return all(
        ours[name] == pytest.approx(theirs[name], abs=1e-9)
        if isinstance(theirs[name], float)
        else ours[name] == theirs[name]
        for name in theirs
    )


def differences(world: World, count: int) -> list[Any]:
    """Where figures and oracle part, over so many random questions."""
    found = []
    cases = list(world.cases.values())
    for _ in range(count):
        question, ask = world.question()
        rows = figures(world.store, question)
        bases = {name: rows[0].figures[name].basis for name in oracle.FIGURES}
        expected = oracle.figures(cases, ask, world.facts, bases)
        seen = {row.place: row for row in rows}
        for place in {*seen, *expected}:
            empty = {name: oracle.FIGURES[name]([], basis or "", ask) for name, basis in bases.items()}
            theirs = expected.get(place, empty)
            if place not in seen:
                counted = {
                    name: answer
                    for name, answer in theirs.items()
                    if answer["numerator"] or any(answer["left_out"].values())
                }
                if counted:
                    found.append((question, place, "no row", counted))
                continue
            for name in oracle.FIGURES:
                ours = shown(seen[place].figures[name])
                if not same(ours, theirs[name]):
                    found.append((question, place, name, {"ours": ours, "oracle": theirs[name]}))
    return found


def test_the_figures_are_those_of_the_glossary(world: World) -> None:
    sound(world.store)
    assert differences(world, 40) == []
