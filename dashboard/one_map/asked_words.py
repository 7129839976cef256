"""What was asked, in words: what stands on top of an exported table and under the title of a printed map."""

from __future__ import annotations

from dashboard.choice import text_of
from dashboard.formats import moment, name_of
from dashboard.languages import _
from dashboard.one_map.rail import FILTER_NAMES, TRACK_NAMES, basis_name, level_name
from dashboard.questions import Asked
from data.figures import CATALOGUE
from data.store import Store


def filter_words(asked: Asked) -> list[str]:
    """Each filter with its values."""
    return [_("{name}：{value}").format(name=_(FILTER_NAMES[name]), value=_("、").join(_value(name, one) for one in values))
            for name, values in asked.choice.filters]  # fmt: skip


def _value(name: str, value: str) -> str:
    return _(TRACK_NAMES.get(value, value)) if name == "track" else value


def asked_words(store: Store, asked: Asked) -> list[tuple[str, str]]:
    """Name and value of everything that was chosen."""
    definition = CATALOGUE[asked.figure]
    return [
        (_("区域"), store.deployment.name),
        (_("层级"), level_name(asked.level)),
        (_("指标"), name_of(definition.zh, definition.en)),
        (_("计算方式"), name_of(definition.formula_zh, definition.formula)),
        (_("统计口径"), basis_name(asked.basis or "state")),
        (_("时段"), text_of(asked.period)),
        (_("截至"), moment(asked.as_of, store.zone)),
        *((_(FILTER_NAMES[name]), _("、").join(_value(name, one) for one in values)) for name, values in asked.choice.filters),
    ]  # fmt: skip
