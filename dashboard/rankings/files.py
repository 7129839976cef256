"""The league table as a file: the filter on top, then every unit of the group shown."""

from __future__ import annotations

from typing import Any

from dashboard.formats import moment, name_of, unit_word
from dashboard.languages import _
from dashboard.one_map.rail import level_name
from dashboard.rankings.choice import Asked, of_search, resolve, text_of
from dashboard.rankings.league import League, group_name, league, rows
from dashboard.rankings.measures import rows_with_measures
from dashboard.rankings.said import method
from data.figures import CATALOGUE
from data.store import Store
from etl.sheets import Sheet, as_file


def ranking_file(store: Store, query: str, form: str) -> bytes:
    """The file of the choice in an address's query. Raises QuestionError, InputError."""
    asked = resolve(store, of_search(query))
    return as_file(form, [sheet(store, asked, league(store, asked))])


def sheet(store: Store, asked: Asked, found: League) -> Sheet:
    """What is on the screen, with shares in per cent."""
    definition = CATALOGUE[asked.choice.figure]
    factor = 100.0 if definition.unit == "share" else 1.0
    unit = unit_word(definition.unit)
    figure = name_of(definition.zh, definition.en)
    head = [
        (_("指标"), f"{figure} = {name_of(definition.formula_zh, definition.formula)}"),
        (_("排谁"), level_name(asked.choice.subject)),
        (_("与谁比"), group_name(found) if len(found.table.groups) > 1 else _("全部")),
        (_("时段"), text_of(asked.period)),
        (_("截至"), moment(asked.question.as_of, store.zone)),
        (_("样本下限"), str(found.table.minimum)),
        (_("方法"), _("；").join(str(one.children) for one in method(asked, found))),
    ]
    if asked.choice.figure == "three_rate_score":
        head.append((_("权重"), " / ".join(f"{one:g}" for one in asked.question.weights)))
    columns = [
        _("编码"), level_name(asked.choice.subject), _("名次"), _("名次区间从"), _("名次区间到"), _("上期名次"), f"{figure} {unit}",
        f"{_('收缩值')} {unit}", f"{_('95% 区间')} {_('从')} {unit}", f"{_('95% 区间')} {_('到')} {unit}", "n", _("距末位"),
        _("末位十分之一"), _("剔除"), _("回访剔除"), _("备注"), _("督办约谈"),
    ]  # fmt: skip
    listed = rows_with_measures(store, asked.choice.subject, rows(found))
    return Sheet(figure, head, columns, [_line(row, factor) for row in listed])


def _line(row: dict[str, Any], factor: float) -> list[Any]:
    def scaled(name: str) -> float | None:
        return None if row[name] is None else round(row[name] * factor, 4)

    note = "" if row["rank"] is not None else _("无数据") if row["value"] is None else _("样本不足")
    return [
        row["code"], row["name"], row["rank"], row["rank_low"], row["rank_high"], row["before"], scaled("value"),
        scaled("score"), scaled("low"), scaled("high"), row["n"], row["gap"], _("是") if row["tenth"] else "",
        row["excluded"], row["excluded_calls"], note, _("；").join(f"{one['number']} {one['text']}" for one in row["measures"]),
    ]  # fmt: skip
