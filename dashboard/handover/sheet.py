"""What stands at the end of a shift: late, about to be late, alarmed, returned, promised, open; each number with its cases.

Everything is as it stands now; only what was reported, handled and closed belongs to the shift's own time.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from dashboard.console.fields import instant_of, number_of, text_of
from dashboard.console.rows import row
from dashboard.console.tabs import kinds_of, scope, wishes
from dashboard.formats import moment
from dashboard.handover.alarms import Standing, standing
from dashboard.languages import _, marked
from dashboard.plain_pages import ROLE_NAMES
from data.acting import acting
from data.casework import place_names, places_of_codes, places_to_choose
from data.errors import InputError, NotFound
from data.handovers import Handover, in_shift, leave, may_keep, sheets
from data.queues import Waiting, Wish, how_many, waiting
from data.store import Store
from etl.masking import mask_text

Said = dict[str, Any]
MOST = 40  # cases of a part on the sheet; its number counts all
SHIFT = timedelta(hours=8)  # where no sheet was left before
PARTS = {
    "late": marked("超期"), "soon": marked("临期"), "alarms": marked("未解除的告警"), "returned": marked("退单待派"),
    "promised": marked("已延期、缓办"), "verify": marked("待核查"), "open": marked("在办"),
}  # fmt: skip
IN_SHIFT = {"reported": marked("新报"), "handled": marked("已处置"), "closed": marked("已结案")}


def sheet(store: Store, place: str = "", start: str = "", end: str = "") -> Said:
    """The sheet of a place ("level=code", empty for the post's own) and a shift. Raises InputError, NotFound."""
    place_id = watched_place(store, place)
    earlier = sheets(store, place_id)
    shift = _shift(store, start, end, earlier)
    asked = _wishes(store, place_id)
    counts = dict(zip(asked, how_many(store, list(asked.values())), strict=True))
    alarms = standing(store, place_id)
    parts = {name: [_case(store, one) for one in waiting(store, wish)] for name, wish in asked.items()}
    if alarms is not None:
        counts["alarms"], parts["alarms"] = len(alarms), [_alarm(store, one) for one in alarms[:MOST]]
    return {
        "place": place,
        "name": _name(store, place_id),
        "places": places_said(store),
        "from": _local(store, shift[0]),
        "to": _local(store, shift[1]),
        "words": [moment(at, store.zone) for at in shift],
        "made": moment(store.now(), store.zone),
        "post": _(acting().label),
        "may": may_keep(store, place_id, acting()),
        "shift": [[_(IN_SHIFT[name]), n] for name, n in in_shift(store, place_id, *shift).items()],
        "parts": [
            {"id": name, "name": _(word), "n": counts[name], "rows": parts[name]}
            for name, word in PARTS.items()
            if name in parts
        ],
        "sheets": [_left(store, one) for one in earlier],
    }


def leave_sheet(store: Store, said: Mapping[str, Any]) -> Said:
    """Leave the sheet with its note: {"id"}. Raises InputError, Refused."""
    key, note = text_of(said, "key"), text_of(said, "note")
    if not key:
        raise InputError("an order has a key, so that sending it twice does it once.", where="key")
    place_id = watched_place(store, text_of(said, "place") or "")
    start, end = instant_of(store, said, "from"), instant_of(store, said, "to")
    if start is None or end is None:
        raise InputError("a shift has a beginning and an end.", where="from")
    asked = _wishes(store, place_id)
    counts = dict(zip(asked, how_many(store, list(asked.values())), strict=True))
    alarms = standing(store, place_id)
    counts |= in_shift(store, place_id, start, end) | ({} if alarms is None else {"alarms": len(alarms)})
    return {"id": leave(store, place_id, (start, end), mask_text(note) if note else "", counts, acting(), key)}


def watched_place(store: Store, named: str) -> int | None:
    """The id of "level=code"; empty is the post's own place, null the whole district. Raises NotFound."""
    if not named:
        own = scope(acting()).within
        return own[0] if len(own) == 1 and own[0] else None
    level, _sign, code = named.partition("=")
    if level == "district":
        return None
    found = places_of_codes(store, [(level, code)])
    if not found:
        raise NotFound("there is no such place now.", where=code)
    return found[level, code]


def _wishes(store: Store, place_id: int | None) -> dict[str, Wish]:
    """What each part of the sheet asks for."""
    own = Wish(within=() if place_id is None else (place_id,), limit=MOST)
    tabs = wishes(kinds_of(store), acting(), store.now())
    queues = {
        name: replace(tabs[name], within=own.within, unit_id=None, limit=MOST)
        for name in ("late", "soon", "returned", "verify")
    }
    return {
        **{name: queues[name] for name in ("late", "soon", "returned")},
        "promised": replace(own, promised=True),
        "verify": queues["verify"],
        "open": own,
    }


def _shift(store: Store, start: str, end: str, earlier: list[Handover]) -> tuple[datetime, datetime]:
    said = {"from": start, "to": end}
    until = instant_of(store, said, "to") or store.now()
    begun = instant_of(store, said, "from")
    if begun is None:
        last = earlier[0].shift_to if earlier else until - SHIFT
        begun = last if until - timedelta(days=3) < last < until else until - SHIFT
    return begun, until


def _local(store: Store, at: datetime) -> str:
    """An instant as the browser's field for a day and time has it."""
    return at.astimezone(store.zone).strftime("%Y-%m-%dT%H:%M")


def _name(store: Store, place_id: int | None) -> str:
    return store.deployment.name if place_id is None else place_names(store, [place_id]).get(place_id, ("", ""))[1]


def places_said(store: Store) -> list[list[str]]:
    """The places a sheet can be of: the district, its streets, and the post's own places."""
    own = [place for place in scope(acting()).within if place]
    found = places_to_choose(store, ("street",), own)
    return [["district=", store.deployment.name], *([f"{level}={code}", name] for level, code, name in found)]


def _case(store: Store, one: Waiting) -> Said:
    kept = ("id", "number", "category", "place", "unit", "stage", "clock", "started", "due", "warn", "marks")
    made = row(one, kinds_of(store), store, None, repeat=False)
    return {name: made[name] for name in kept}


def _alarm(store: Store, one: Standing) -> Said:
    return {
        "id": one.case_id, "number": one.number or "", "category": one.name, "place": one.place, "unit": "",
        "stage": _("已确认") if one.acknowledged else _("未确认"), "clock": "", "started": None, "due": None, "warn": 0.8,
        "marks": [[moment(one.raised_at, store.zone), "info"]],
    }  # fmt: skip


def _left(store: Store, one: Handover) -> Said:
    def who(name: str | None, role: str | None) -> str:
        return " · ".join(part for part in (_(ROLE_NAMES[role]) if role in ROLE_NAMES else role, name) if part)

    words = {**PARTS, **IN_SHIFT}
    return {
        "id": one.handover_id,
        "shift": [moment(at, store.zone) for at in (one.shift_from, one.shift_to)],
        "note": one.note,
        "made": moment(one.made_at, store.zone),
        "by": who(one.made_by, one.made_role),
        "taken": moment(one.taken_at, store.zone),
        "taken_by": who(one.taken_by, one.taken_role),
        "counts": [[_(words[name]), n] for name, n in one.counts.items() if name in words],
    }


def number_taken(said: Mapping[str, Any]) -> int:
    """The sheet somebody takes over. Raises InputError."""
    found = number_of(said, "id")
    if found is None:
        raise InputError("it names no sheet.", where="id")
    return found


def words() -> Said:
    """What assets/handover writes, beside the console's words."""
    return {
        "handover": {
            "title": _("交接班"),
            "sheet": _("{place} 交接班单"),
            "place": _("范围"),
            "from": _("班次从"),
            "to": _("到"),
            "print": _("打印"),
            "made": _("{time} 由 {post} 生成"),
            "in_shift": _("本班"),
            "now": _("现状"),
            "cases": _("{n} 件"),
            "first": _("列出前 {n} 件"),
            "none": _("无"),
            "note": _("交班说明"),
            "note_hint": _("下一班要知道的事：盯着的案件、答应过的时限、联系过的单位。不要写姓名、电话"),
            "leave": _("交班"),
            "left": _("交班单已留存，等待下一班接收。"),
            "take": _("接班"),
            "took": _("已接班。"),
            "earlier": _("交班记录"),
            "by": _("{who} 交班于 {time}"),
            "taken": _("{who} 接班于 {time}"),
            "waiting": _("未接班"),
            "no_right": _("这个岗位不能在此范围交接班，可以查看和打印。"),
            "columns": [_("编号"), _("类别"), _("地点"), _("主办单位"), _("环节"), _("剩余"), _("标记")],
            "sign": [_("交班人岗位"), _("接班人岗位"), _("时间")],
        }
    }
