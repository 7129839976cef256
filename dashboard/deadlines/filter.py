"""What the administrator asks: which cases, what would change, and that it be done; a step of cases at a time.

The browser walks the filter in steps (`after`: the last case it has seen), so it can show how far it is, stop, and go on.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from dashboard.console.fields import number_of, numbers_of, text_of
from dashboard.console.tabs import kinds_of
from dashboard.formats import moment, name_of
from dashboard.handover.sheet import places_said, watched_place
from dashboard.languages import _, marked
from data.acting import acting
from data.casework import case_of_number, number_of_case
from data.queues import Wish, how_many
from data.recomputing import Change, Outcome, cases_of, preview, recompute
from data.store import Store
from etl.masking import mask_text

Said = dict[str, Any]
SHOWN = 20  # changes told of a step
KEPT = {
    "same": marked("不变"), "extended": marked("已批准延期，保留"), "suspended": marked("缓办中，暂不变"),
    "foreign": marked("时限来自原系统，保留"), "other": marked("已结束"),
}  # fmt: skip


def look(store: Store, said: Mapping[str, Any]) -> Said:
    """What a step would change; nothing is written. Raises InputError, NotFound, Refused."""
    case_ids, wish = _cases(store, said)
    return _told(store, preview(store, case_ids, acting(), foreign=_foreign(said)), wish, case_ids)


def do(store: Store, said: Mapping[str, Any]) -> Said:
    """Do it for a step. Raises InputError, NotFound, Refused."""
    case_ids, wish = _cases(store, said)
    reason = text_of(said, "reason") or ""
    done = recompute(store, case_ids, mask_text(reason) if reason else "", acting(), foreign=_foreign(said))
    return _told(store, done, wish, case_ids)


def _foreign(said: Mapping[str, Any]) -> bool:
    """Whether deadlines that came from another system are recomputed too."""
    return text_of(said, "foreign") == "on"


def _cases(store: Store, said: Mapping[str, Any]) -> tuple[list[int], Wish | None]:
    """The cases of the step: of the filter, or the one that was named."""
    number = text_of(said, "number")
    if number is not None:
        return [case_of_number(store, number)], None
    place = watched_place(store, text_of(said, "place") or "district=")
    kind = text_of(said, "kind")
    wish = Wish(
        kinds=(kind,) if kind else (),
        categories=tuple(numbers_of(said, "categories")),
        within=() if place is None else (place,),
    )
    return cases_of(store, wish, number_of(said, "after") or 0), wish


def _told(store: Store, found: Outcome, wish: Wish | None, case_ids: list[int]) -> Said:
    return {
        "looked_at": len(case_ids),
        "total": 1 if wish is None else how_many(store, [wish])[0],
        "last": found.last,
        "changed": len(found.changes),
        "earlier": found.earlier,
        "late": found.late,
        "kept": found.kept,
        "rows": [_row(store, change) for change in found.changes[:SHOWN]],
    }


def _row(store: Store, change: Change) -> Said:
    pairs = {name: [moment(at.get(name), store.zone) for at in (change.before, change.after)] for name in change.after}
    return {
        "id": change.case_id,
        "number": number_of_case(store, change.case_id),
        "due": pairs.get("due_at", ["", ""]),
        "handle": pairs.get("handle_due_at", ["", ""]),
    }


def words(store: Store | None) -> Said:
    """What assets/deadlines writes, beside the console's words."""
    return {
        "deadlines": {
            "title": _("重算时限"),
            "hint": _("已给的时限不随服务时限和工作日历改变。这里按现行规定重算：每件写入流转记录，注明理由。"),
            "kind": _("种类"),
            "kinds": _kinds(store),
            "category": _("类别"),
            "all": _("全部"),
            "place": _("范围"),
            "places": places_said(store) if store is not None else [],
            "number": _("只重算一件，填编号"),
            "foreign": _("也重算来自原系统的时限"),
            "reason": _("理由"),
            "preview": _("预览"),
            "do": _("重算 {n} 件"),
            "stop": _("停止"),
            "looking": _("已查看 {n} / {all} 件"),
            "doing": _("已重算 {n} 件，已查看 {done} / {all} 件"),
            "would": _("将改变 {n} 件：提前 {earlier} 件，其中立即超期 {late} 件"),
            "done": _("已重算 {n} 件。"),
            "none": _("没有时限会改变。"),
            "kept": {name: _(word) for name, word in KEPT.items()},
            "columns": [_("编号"), _("办结时限"), _("处置时限")],
            "arrow": _("{before} → {after}"),
            "sample": _("列出前 {n} 件"),
        }
    }


def _kinds(store: Store | None) -> list[list[str]]:
    """The kinds with a clock that goes by the service levels; a date somebody gave is nobody's to recompute."""
    kinds = kinds_of(store) if store is not None else {}
    return [
        [name, name_of(version.kind.name.zh, version.kind.name.en)]
        for name, version in kinds.items()
        if any(clock.limit == "service_level" for clock in version.kind.clocks.values())
    ]
