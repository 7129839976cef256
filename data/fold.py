"""What a ledger line does to a case: the one catalogue of rules, spelt as SQL, and beside it as Python for the usual lines.

Every state column but two is the value of the last line that touches it, so the same rule serves every reader: the move
that changes one row (`moves.py`), the fold of a whole ledger up to an instant (`fold`), and the past states written anew
(`cases.py`). `reworked` and `extended` count; `reach` is the highest level it went to. Python folds what a payload does not
decide (`stepped`, for `usual_moves.py`): the database takes longer to plan the SQL than to write the moves.

A case's state at t is the fold, in the ledger's order, of the lines that happened by t. A line that tells late of something
earlier is seen from the moment it happened on, and one that is dated ahead hides nothing that happened before.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

LEVEL_RANK = {"micro_grid": 0, "grid": 1, "community": 2, "street": 3, "district": 4}

ACTIONS = (
    "reported", "registered", "dispatched", "accepted", "handled", "verified", "closed", "returned", "redispatched",
    "urged", "reworked", "reopened", "extended", "suspended", "resumed", "voided", "escalated", "rated", "excluded",
    "included", "corrected",
    # These tell something without touching a time or a count of their own.
    "noted", "assisted", "linked", "asked", "refused", "arrived", "offered", "taken", "lapsed",
)  # fmt: skip

# The stage a line leads to when it names none; the others leave the stage as it is.
STAGE_OF = {
    **{name: name for name in ("reported", "registered", "dispatched", "accepted", "handled", "verified", "closed")},
    "returned": "returned",
    "voided": "voided",
    "redispatched": "dispatched",
    "reworked": "dispatched",
    "reopened": "dispatched",
}

# Who a case is: given by the source, changed only by `corrected`.
IDENTITY = {
    "kind": "VARCHAR", "parent_case_id": "BIGINT", "track": "VARCHAR", "channel": "VARCHAR", "category_id": "INTEGER",
    "lon": "DOUBLE", "lat": "DOUBLE", "x": "DOUBLE", "y": "DOUBLE", "named_place": "VARCHAR", "on_time_source": "VARCHAR",
}  # fmt: skip


Line = Mapping[str, Any]  # a ledger line in Python, by the names of its columns; instants are microseconds since 1970


@dataclass(frozen=True)
class Rule:
    """A column of which the last line that `touches` it decides what `value` says; both are SQL over a line `l`.

    Every column can also be set by a `corrected` line; that part is added by `touching` and `deciding`, or left out where
    no line carries a payload, because the database would plan it all the same.
    """

    type: str
    touches: str
    value: str
    after: Callable[[Line, Any], Any]  # the same in Python: the column after a line, from the column before it

    def touching(self, column: str, payloads: bool = True) -> str:
        """SQL: does the line decide the column?"""
        if not payloads:
            return self.touches
        return "json_exists(l.payload, '$.on_time')" if column == "on_time" else f"({self.touches} OR {_has(column)})"

    def deciding(self, column: str, payloads: bool = True) -> str:
        """SQL of the value a line gives the column, where it decides it."""
        if not payloads:
            return self.value
        corrected = _payload(column, self.type)
        if self.type == "BOOLEAN" and column != "on_time":
            corrected = f"coalesce({corrected}, false)"
        if column == "on_time":
            return corrected
        value = self.value
        if column.endswith("_at") and self.type == "TIMESTAMPTZ" and not column.endswith("due_at"):
            value = f"CASE WHEN coalesce(l.payload ->> '$.time_unknown', '') <> 'true' THEN {value} END"
        return f"CASE WHEN {_has(column)} THEN {corrected} ELSE {value} END"


def _has(column: str) -> str:
    return f"(l.action = 'corrected' AND json_exists(l.payload, '$.{column}'))"


def _payload(column: str, kind: str) -> str:
    return f"TRY_CAST(l.payload ->> '$.{column}' AS {kind})"


def _by(*actions: str) -> str:
    return f"l.action IN ({', '.join(repr(name) for name in actions)})"


def _moment(action: str, *ended_by: str) -> Rule:
    """An instant set by an action (null where its time is unknown) and cleared by others."""

    def after(line: Line, before: Any) -> Any:
        done = line["action"]
        return line["occurred_at"] if done == action else None if done in ended_by else before

    value = f"CASE WHEN l.action = '{action}' THEN l.occurred_at END"
    return Rule("TIMESTAMPTZ", _by(action, *ended_by), value, after)


def _carried(column: str, kind: str) -> Rule:
    """A column of the line itself."""

    def after(line: Line, before: Any) -> Any:
        return before if line[column] is None else line[column]

    return Rule(kind, f"l.{column} IS NOT NULL", f"l.{column}", after)


def _switch(on: str, *off: str) -> Rule:
    def after(line: Line, before: Any) -> Any:
        return True if line["action"] == on else False if line["action"] in off else before

    return Rule("BOOLEAN", _by(on, *off), f"l.action = '{on}'", after)


def _closed_unit() -> Rule:
    """The unit that closed it: a closing line always names the unit that answers for the case then."""

    def after(line: Line, before: Any) -> Any:
        done = line["action"]
        return line["unit_id"] if done == "closed" else None if done in ("reworked", "reopened") else before

    value = "CASE WHEN l.action = 'closed' THEN l.unit_id END"
    return Rule("INTEGER", _by("closed", "reworked", "reopened"), value, after)


LAST: dict[str, Rule] = {
    "reported_at": _moment("reported"),
    "registered_at": _moment("registered"),
    "handled_at": _moment("handled", "reworked", "reopened"),
    "closed_at": _moment("closed", "reworked", "reopened"),
    "due_at": _carried("due_at", "TIMESTAMPTZ"),
    "handle_due_at": _carried("handle_due_at", "TIMESTAMPTZ"),
    "stage": _carried("stage", "VARCHAR"),
    "unit_id": _carried("unit_id", "INTEGER"),
    "closed_unit_id": _closed_unit(),  # so the last line decides here too
    "on_time": Rule(
        "BOOLEAN", "false", "NULL", lambda _line, before: before
    ),  # stands in a payload of whichever line tells it
    "suspended": _switch("suspended", "resumed", "closed", "reopened", "voided"),
    "voided": _switch("voided", "reopened"),
    "excluded": _switch("excluded", "included"),
}

# What can take a case out of an end, or put it there. Whatever else is told of an ended case leaves it ended: a handling or
# a dispatch that comes after the closing is told late, or changes who answers for it.
ENDS = ("closed", "voided")
TURNS = (*ENDS, "reworked", "reopened")
_TURNS = _by(*TURNS)

_TIMES = "coalesce(TRY_CAST(l.payload ->> '$.times' AS SMALLINT), 1::SMALLINT)"
COUNTED: dict[str, tuple[str, ...]] = {"reworked": ("reworked", "reopened"), "extended": ("extended",)}

STATE = (*LAST, *COUNTED, "reach")
# SQL of each column before the first line.
START = {
    **{name: f"NULL::{rule.type}" for name, rule in LAST.items()},
    **dict.fromkeys(("suspended", "voided", "excluded"), "false"),
    **dict.fromkeys(COUNTED, "0::SMALLINT"),
    "reach": "NULL::TINYINT",
}
PAST = tuple(name for name in STATE if name != "reported_at")  # the columns of case_past
CORRECTABLE = {**IDENTITY, **{name: rule.type for name, rule in LAST.items()}, **dict.fromkeys(COUNTED, "SMALLINT")}


def adds(column: str, payloads: bool = True) -> str:
    """SQL of how much a line adds to a count; a line may stand for several (payload.times)."""
    return f"CASE WHEN {_by(*COUNTED[column])} THEN {_TIMES if payloads else '1::SMALLINT'} ELSE 0::SMALLINT END"


def rank_of(level: str) -> str:
    """SQL of a level's rank, 0 micro-grid to 4 district; null for any other."""
    cases = " ".join(f"WHEN '{name}' THEN {rank}" for name, rank in LEVEL_RANK.items())
    return f"(CASE {level} {cases} END)::TINYINT"


def next_state(row: str, unit: str, *, payloads: bool = True) -> dict[str, str]:
    """SQL of each state column after line `l`, from the columns before it (`row` is their prefix) and
    the line's unit (null: none).

    payloads: whether any of the lines has one.
    """
    state = {
        name: f"CASE WHEN {rule.touching(name, payloads)} THEN {rule.deciding(name, payloads)} ELSE {row}{name} END"
        for name, rule in LAST.items()
    }
    state["stage"] = f"""CASE WHEN {row}stage IN {ENDS} AND NOT ({_TURNS} OR {_has("stage") if payloads else "false"})
        THEN {row}stage ELSE {state["stage"]} END"""
    for name in COUNTED:
        total = f"{row}{name} + {adds(name, payloads)}"
        if payloads:
            total = f"CASE WHEN {_has(name)} THEN coalesce({_payload(name, 'SMALLINT')}, 0) ELSE {total} END"
        state[name] = f"({total})::SMALLINT"
    state["reach"] = f"greatest({row}reach, {rank_of(f'{unit}.level')})"
    return state


# What Python leaves to SQL: identities and every column (`corrected`), deadlines that move with a pause (`resumed`), and what a
# payload decides.
_IN_SQL = ("corrected", "resumed")
_DECIDING = ('"on_time"', '"time_unknown"', '"times"')


def is_usual(line: Line) -> bool:
    """Whether `stepped` gives what the SQL gives. `payload` is the text that stands in the ledger."""
    payload = line["payload"]
    return line["action"] not in _IN_SQL and not (payload and any(name in payload for name in _DECIDING))


def stepped(state: Mapping[str, Any], line: Line, level: str | None) -> dict[str, Any]:
    """The state columns after a usual line, from those before it; level: of the line's unit."""
    after = {name: rule.after(line, state[name]) for name, rule in LAST.items()}
    if state["stage"] in ENDS and line["action"] not in TURNS:
        after["stage"] = state["stage"]
    for name, actions in COUNTED.items():
        after[name] = state[name] + (line["action"] in actions)
    ranks = [rank for rank in (state["reach"], LEVEL_RANK.get(level or "")) if rank is not None]
    return after | {"reach": max(ranks, default=None)}


def folded(over: str = "") -> dict[str, str]:
    """SQL of each state column as an aggregate over lines `l` (joined as `lines` does); `over` makes it a window."""
    state: dict[str, str] = {}
    for name, rule in LAST.items():
        value = f"arg_max_null({rule.deciding(name)}, l.seq) FILTER ({rule.touching(name)}){over}"
        state[name] = f"coalesce({value}, false)" if name in ("suspended", "voided", "excluded") else value
    ended = f"CASE WHEN {LAST['stage'].deciding('stage')} IN {ENDS} THEN {LAST['stage'].deciding('stage')} END"
    turned = f"arg_max_null({ended}, l.seq) FILTER ({_TURNS} OR {_has('stage')}){over}"
    state["stage"] = f"coalesce({turned}, {state['stage']})"
    for name, actions in COUNTED.items():
        fixed = f"max(l.seq) FILTER ({_has(name)}){over}"
        start = f"arg_max(coalesce({_payload(name, 'SMALLINT')}, 0), l.seq) FILTER ({_has(name)}){over}"
        each = f"list({{'seq': l.seq, 'n': {adds(name)}}}) FILTER ({_by(*actions)}){over}"
        after = f"list_sum(list_transform(list_filter({each}, lambda x: x.seq > {fixed}), lambda x: x.n))"
        state[name] = f"""(CASE WHEN {fixed} IS NULL THEN sum({adds(name)}){over}
            ELSE {start} + coalesce({after}, 0) END)::SMALLINT"""
    state["reach"] = f"max({rank_of('l.unit_level')}){over}"
    return state


def lines(where: str) -> str:
    """SQL of the ledger lines selected by `where` with the level of the unit each names."""
    return f"SELECT l.*, u.level AS unit_level FROM ({where}) l LEFT JOIN unit u USING (unit_id)"


def past_states(where: str) -> str:
    """SQL of case_past as the lines selected by `where` give it: the state from each instant at which something happened
    until the next, from the report on."""
    running = " OVER so_far"
    states = ", ".join(f"{sql} AS {name}" for name, sql in folded(running).items() if name in PAST)
    return f"""SELECT case_id, valid_from, valid_to, {", ".join(PAST)} FROM (
        SELECT l.case_id, l.occurred_at AS valid_from, lead(l.occurred_at) OVER in_time AS valid_to,
            arg_min(l.occurred_at, l.seq) OVER whole AS reported, {states}
        FROM ({lines(where)}) l
        WINDOW so_far AS (PARTITION BY l.case_id ORDER BY l.occurred_at),
            in_time AS (PARTITION BY l.case_id ORDER BY l.occurred_at, l.seq), whole AS (PARTITION BY l.case_id))
        WHERE valid_from < valid_to AND valid_from >= reported"""


def fold(t: datetime | None = None, r: datetime | None = None, case_ids: Sequence[int] | str | None = None) -> str:
    """SQL text of the state of each case as of `t`, as published at `r` (None: without limit).

    Columns: case_id, `STATE`, seq, since, last_hash. A case is there when its first line had happened and was recorded.
    case_ids: a list of ids, or SQL that can stand after IN. Instants must carry a zone.
    """
    chosen = ""
    if case_ids is not None:
        chosen = (
            f" AND case_id IN ({case_ids if isinstance(case_ids, str) else ', '.join(map(str, case_ids)) or 'NULL'})"
        )
    seen = "".join(
        f" AND {column} <= TIMESTAMPTZ '{moment.isoformat()}'"
        for column, moment in (("occurred_at", t), ("recorded_at", r))
        if moment is not None
    )
    source = f"SELECT * FROM transition WHERE true{chosen}{seen}"
    columns = ", ".join(f"{sql} AS {name}" for name, sql in folded().items())
    return f"""SELECT l.case_id, {columns}, max(l.seq) AS seq, max(l.occurred_at) AS since,
        arg_max(l.hash, l.seq) AS last_hash FROM ({lines(source)}) l GROUP BY l.case_id HAVING min(l.seq) = 1"""
