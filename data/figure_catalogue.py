"""Every figure: its name, what it is of, on which basis, and which cases are its numerator, denominator and left out.

The formulas are those of the glossary ("How figures count" and its table); the weights are defaults, editable. A left-out
case keeps its reason: what is not in the denominator is in exactly one entry of `left_out` (or outside the period).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from data.errors import QuestionError
from data.figure_marks import GONE, NONE, Mark, Part

IN: dict[str, Mark] = {
    "reported": Mark.IN_REPORTED,
    "registered": Mark.IN_REGISTERED,
    "due": Mark.IN_DUE,
    "closed": Mark.IN_CLOSED,
    "called_back": Mark.IN_CALLED_BACK,
}
BASES = tuple(IN)
OF_CASES = ("registered", "reported", "due", "closed")
WITHIN: dict[str, Mark] = {
    "micro_grid": Mark.WITHIN_MICRO_GRID,
    "grid": Mark.WITHIN_GRID,
    "community": Mark.WITHIN_COMMUNITY,
    "street": Mark.WITHIN_STREET,
}


@dataclass(frozen=True)
class Parts:
    """Which cases a figure is made of. `said`: without any of these there is nothing to tell, and the value is null."""

    denominator: Part | None
    numerator: tuple[tuple[float, Part], ...] = ()
    left_out: dict[str, Part] = field(default_factory=dict)
    said: tuple[Part, ...] = ()
    others: dict[str, Part] = field(default_factory=dict)


@dataclass(frozen=True)
class Wanted:
    """What a figure's parts depend on."""

    basis: str
    level: str
    weights: tuple[float, float, float]


@dataclass(frozen=True)
class FigureDef:
    """One figure. type: count, proportion, weighted mean, composite, rate, quantile, none; unit: cases, share, points, hours,
    per 100 households. bases: those it can be asked on, the default first; none for a state at the as-of instant."""

    name: str
    zh: str
    en: str
    formula_zh: str
    formula: str
    type: str
    unit: str
    bases: tuple[str, ...]
    parts: Callable[[Wanted], Parts]

    @property
    def basis(self) -> str | None:
        """The default basis."""
        return self.bases[0] if self.bases else None

    def basis_for(self, asked: str | None, *, strict: bool) -> str:
        """The basis to count on. A figure that has none or only its own keeps it, unless it was asked for by name."""
        if not self.bases:
            return ""
        if asked is None or asked in self.bases:
            return asked or self.bases[0]
        if asked not in BASES or strict:
            raise QuestionError(
                f"{self.name} cannot be counted on the basis {asked!r}.",
                where="basis",
                todo=f"It can be on: {', '.join(self.bases)}.",
            )
        return self.bases[0]


def _base(basis: str) -> Part:
    return Part(IN[basis], GONE)


def _gone(basis: str) -> dict[str, Part]:
    return {"voided": Part(IN[basis] | Mark.VOIDED), "excluded": Part(IN[basis] | Mark.EXCLUDED, Mark.VOIDED)}


def _missing(basis: str, own: str, mark: Mark, *, has: Mark = NONE) -> Part:
    """Cases that lack the time `own`: where that time is the basis they belong to their registration, else report."""
    return Part((Mark.IN_KNOWN if basis == own else IN[basis]) | mark | has, GONE)


def _untimed(basis: str) -> dict[str, Part]:
    """Closed at an unknown time, for figures on the basis closed."""
    return {"closed_without_time": _missing(basis, "closed", Mark.NO_CLOSING_TIME)} if basis == "closed" else {}


def _count(wanted: Wanted) -> Parts:
    return Parts(None, ((1, _base(wanted.basis)),), _gone(wanted.basis))


def _closed(wanted: Wanted) -> Parts:
    part = _base(wanted.basis).plus(Mark.CLOSED)
    return Parts(None, ((1, part),), _gone(wanted.basis) | _untimed(wanted.basis))


def _completion(wanted: Wanted) -> Parts:
    base, left = _base(wanted.basis), _gone(wanted.basis)
    if wanted.basis == "due":
        left["without_deadline"] = _missing("due", "due", Mark.NO_DEADLINE)
    return Parts(base, ((1, base.plus(Mark.CLOSED)),), left)


def _undecided(basis: str) -> dict[str, Part]:
    base = _base(basis)
    return _gone(basis) | {
        "suspended": base.plus(Mark.PAUSED),
        "without_deadline": _missing(basis, "due", Mark.NO_DEADLINE),
        "without_flag": base.plus(Mark.NO_FLAG),
        "not_yet_due": base.plus(Mark.NOT_YET_DUE),
    }


def _on_time(wanted: Wanted) -> Parts:
    base = _base(wanted.basis)
    untimed = _untimed(wanted.basis) or {"closed_without_time": base.plus(Mark.UNTIMED)}
    decided = base.plus(Mark.DECIDED, Mark.UNTIMED)
    return Parts(decided, ((1, decided.plus(Mark.ON_TIME)),), _undecided(wanted.basis) | untimed)


def _due_completion(wanted: Wanted) -> Parts:
    decided = _base(wanted.basis).plus(Mark.DECIDED)
    left = _undecided(wanted.basis) | _untimed(wanted.basis)
    return Parts(decided, ((1, decided.plus(Mark.DONE)),), left)


def _due(wanted: Wanted) -> Parts:
    parts = _due_completion(wanted)
    return Parts(None, ((1, parts.denominator or Part(NONE)),), parts.left_out)


def _on_time_handling(wanted: Wanted) -> Parts:
    mark = Mark.IN_HANDLE_DUE if wanted.basis == "due" else IN[wanted.basis]
    base = Part(mark, GONE)
    decided = base.plus(Mark.HANDLE_DECIDED, Mark.HANDLE_UNTIMED)
    left = {
        "voided": Part(mark | Mark.VOIDED),
        "excluded": Part(mark | Mark.EXCLUDED, Mark.VOIDED),
        "suspended": base.plus(Mark.HANDLE_PAUSED),
        "without_deadline": _missing(wanted.basis, "due", Mark.HANDLE_NO_DEADLINE),
        "not_yet_due": base.plus(Mark.HANDLE_NOT_YET_DUE),
        "handled_without_time": base.plus(Mark.HANDLE_UNTIMED),
    }
    return Parts(decided, ((1, decided.plus(Mark.HANDLE_ON_TIME)),), left)


def _state(mark: Mark, lacks: Mark = NONE, **further: Mark) -> Callable[[Wanted], Parts]:
    """A count of what is so at the as-of instant, whatever the period."""
    left = {"voided": Part(Mark.VOIDED), "excluded": Part(Mark.OPEN | Mark.EXCLUDED)}
    left |= {reason: Part(Mark.OPEN | why, GONE) for reason, why in further.items()}
    return lambda _: Parts(None, ((1, Part(mark, GONE | lacks)),), left)


def _rework(wanted: Wanted) -> Parts:
    closed = _base(wanted.basis).plus(Mark.CLOSED)
    return Parts(closed, ((1, closed.plus(Mark.REWORKED)),), _gone(wanted.basis) | _untimed(wanted.basis))


def _extension(wanted: Wanted) -> Parts:
    base = _base(wanted.basis)
    return Parts(base, ((1, base.plus(Mark.EXTENDED)),), _gone(wanted.basis))


def _handling_hours(wanted: Wanted) -> Parts:
    base = _base(wanted.basis)
    left = _gone(wanted.basis) | {
        "inconsistent": base.plus(Mark.INCONSISTENT),
        "unregistered": base.plus(Mark.UNREGISTERED),
        "closed_without_time": _missing(wanted.basis, "closed", Mark.NO_CLOSING_TIME),
    }
    if wanted.basis != "closed":
        left["not_closed"] = Part(IN[wanted.basis], GONE | Mark.CLOSED)
    return Parts(base.plus(Mark.TIMED), (), left)


def _call_backs(*terms: tuple[float, Mark], said: tuple[Mark, ...]) -> Callable[[Wanted], Parts]:
    """A share of the valid call-backs: the last completed one of a case, unless it is excluded."""

    def parts(wanted: Wanted) -> Parts:
        called = _base(wanted.basis).plus(Mark.CALLED_BACK)
        valid = called.plus(NONE, Mark.CALL_EXCLUDED)
        left = _gone(wanted.basis) | {"call_back_excluded": called.plus(Mark.CALL_EXCLUDED)}
        numerator = tuple((weight, valid.plus(mark)) for weight, mark in terms)
        return Parts(valid, numerator, left, tuple(valid.plus(mark) for mark in said))

    return parts


def _three_rates(wanted: Wanted) -> Parts:
    response, resolution, satisfaction = wanted.weights
    return _call_backs(
        (response, Mark.CONTACTED),
        (resolution, Mark.RESOLVED),
        (satisfaction, Mark.SATISFIED),
        (0.9 * satisfaction, Mark.BASIC),
        said=(Mark.CONTACT_SAID, Mark.RESOLVED_SAID, Mark.SATISFACTION_SAID),
    )(wanted)


def _settled(wanted: Wanted) -> Parts:
    closed = _base(wanted.basis).plus(Mark.CLOSED)
    known = closed.plus(Mark.REACH_KNOWN)
    left = _gone(wanted.basis) | _untimed(wanted.basis) | {"unknown_level": closed.plus(NONE, Mark.REACH_KNOWN)}
    asked = WITHIN.get(wanted.level, Mark.WITHIN_STREET)
    return Parts(known, ((1, known.plus(asked)),), left, others={lv: known.plus(mark) for lv, mark in WITHIN.items()})


def _repeat(wanted: Wanted) -> Parts:
    base = _base(wanted.basis)
    pointed = base.plus(NONE, Mark.NO_POINT | Mark.DEFAULT_POINT)
    left = _gone(wanted.basis) | {
        "without_point": base.plus(Mark.NO_POINT),
        "default_point": base.plus(Mark.DEFAULT_POINT),
    }
    return Parts(pointed, ((1, pointed.plus(Mark.REPEATED)),), left)


def _nothing(_: Wanted) -> Parts:
    return Parts(None)


_DEADLINES = ("due", "registered", "reported", "closed")
_CALLS = ("called_back", "registered", "reported", "due", "closed")
_AT_CLOSING = ("closed", "registered", "reported", "due")

_ALL = (
    FigureDef("reported", "上报数", "Reported", "期内上报的案件数", "cases reported in the period",
              "count", "cases", ("reported",), _count),
    FigureDef("registered", "立案数", "Registered", "期内立案的案件数", "cases registered in the period",
              "count", "cases", ("registered",), _count),
    FigureDef("closed", "结案数", "Closed", "期内结案的案件数", "cases closed in the period",
              "count", "cases", ("closed",), _closed),
    FigureDef("completion_rate", "办结率", "Completion rate", "截至时点已结案 ÷ 期内立案",
              "closed by the as-of time ÷ registered in the period",
              "proportion", "share", ("registered", "reported", "due"), _completion),
    FigureDef("on_time_rate", "按期办结率", "On-time rate", "期限内结案 ÷ 应结案（已结案或已到期，缓办除外）",
              "closed by the deadline ÷ decided (closed, or due by the as-of time; not suspended)",
              "proportion", "share", _DEADLINES, _on_time),
    FigureDef("due", "应结案数", "Due", "已结案或已到期的案件数，缓办除外", "cases closed, or due by the as-of time; not suspended",
              "count", "cases", _DEADLINES, _due),
    FigureDef("due_completion_rate", "应结案办结率", "Completion rate of what was due", "已结案 ÷ 应结案", "closed ÷ decided",
              "proportion", "share", _DEADLINES, _due_completion),
    FigureDef("on_time_handling_rate", "按期处置率", "On-time handling rate", "处置期限内处置 ÷ 应处置",
              "handled by the handling deadline ÷ handled, or due for handling by the as-of time",
              "proportion", "share", _DEADLINES, _on_time_handling),
    FigureDef("open", "在办", "Open", "时点上未结案的案件数", "cases open at the as-of time",
              "count", "cases", (), _state(Mark.OPEN)),
    FigureDef("overdue_open", "超期未结", "Overdue and open", "时点上未结案、未缓办且已到期的案件数",
              "cases open, not suspended and past their deadline at the as-of time", "count", "cases", (),
              _state(Mark.OPEN | Mark.DECIDED, Mark.DONE, suspended=Mark.PAUSED, without_deadline=Mark.NO_DEADLINE,
                     without_flag=Mark.NO_FLAG)),
    FigureDef("suspended_open", "缓办", "Suspended", "时点上缓办的未结案件数", "cases open and suspended at the as-of time",
              "count", "cases", (), _state(Mark.SUSPENDED)),
    FigureDef("rework_rate", "返工率", "Rework rate", "至少返工或重开一次的结案数 ÷ 结案数",
              "closed cases reworked or reopened at least once ÷ closed", "proportion", "share", _AT_CLOSING, _rework),
    FigureDef("extension_rate", "延期率", "Extension rate", "延期的案件数 ÷ 立案数", "extended ÷ registered",
              "proportion", "share", OF_CASES, _extension),
    FigureDef("handling_hours", "办理时长", "Handling time", "“结案时间 − 立案时间”的中位数与九成位数（自然时、工作时）",
              "median and 90th percentile of closing − registration, in natural and in working hours",
              "quantile", "hours", _AT_CLOSING, _handling_hours),
    FigureDef("response_rate", "响应率", "Response rate", "已联系 ÷ 有效回访", "contacted ÷ valid call-backs",
              "proportion", "share", _CALLS, _call_backs((1, Mark.CONTACTED), said=(Mark.CONTACT_SAID,))),
    FigureDef("resolution_rate", "解决率", "Resolution rate", "已解决 ÷ 有效回访", "resolved ÷ valid call-backs",
              "proportion", "share", _CALLS, _call_backs((1, Mark.RESOLVED), said=(Mark.RESOLVED_SAID,))),
    FigureDef("satisfaction_rate", "满意率", "Satisfaction rate", "（满意 + 0.9 × 基本满意）÷ 有效回访",
              "(satisfied + 0.9 × basically satisfied) ÷ valid call-backs", "weighted mean", "share", _CALLS,
              _call_backs((1, Mark.SATISFIED), (0.9, Mark.BASIC), said=(Mark.SATISFACTION_SAID,))),
    FigureDef("three_rate_score", "三率综合", "Score of the three rates", "10 × 响应率 + 50 × 解决率 + 40 × 满意率（权重可改）",
              "10 × response + 50 × resolution + 40 × satisfaction (weights editable)",
              "composite", "points", _CALLS, _three_rates),
    FigureDef("demand_per_100", "每百户诉求量", "Demand per 100 households", "上报数 ÷ 户数 × 100", "reported ÷ households × 100",
              "rate", "per 100 households", ("reported", "registered"), _count),
    FigureDef("settled_at_level", "一线解决率", "Settled at this level", "未离开本级（微网格、网格、社区、街道）而结案 ÷ 层级已知的结案",
              "closed without leaving the level (micro-grid, grid, community; else street) ÷ closed with known level",
              "proportion", "share", _AT_CLOSING, _settled),
    FigureDef("repeat_rate", "重复诉求率", "Repeat rate", "在重复点（90 天内 50 米内同类至少 3 件）上报 ÷ 有坐标的上报",
              "reported at a repeat point (at least 3 of a category within 50 m in 90 days) ÷ reported with a usable point",
              "proportion", "share", ("reported", "registered"), _repeat),
    FigureDef("visit_coverage", "走访覆盖率", "Visit coverage", "按期完成的走访 ÷ 应走访（尚无走访数据）",
              "visits done on time ÷ due (no data yet)", "none", "share", ("due",), _nothing),
)  # fmt: skip

CATALOGUE: dict[str, FigureDef] = {figure.name: figure for figure in _ALL}
