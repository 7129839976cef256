"""From values to scores, ranks, bands and lists: plain functions, so that a list can be worked out by hand and again years later.

The rules are terms.md's defaults (property red and black list, stars, community assessment): a missing part scales the others up
and flags the row; too much missing and nobody is ranked; a tenth is floor(n ÷ 10) of a peer group of at least 10; a tie across the
cut admits none of the tied. Scores are rounded half up before anybody is compared, so that what is printed is what was judged.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import ROUND_HALF_UP, Decimal

from data.predicates import OPERATORS, Predicate, Test
from data.scorecards import Card, ListRule, Part

MISSING, SMALL, TOO_MUCH, VETOED = "missing", "small", "too_much", "vetoed"


@dataclass(frozen=True)
class Subject:
    """Who is judged. peers: its peer group."""

    subject_id: int
    code: str
    name: str
    peers: str = ""


@dataclass(frozen=True)
class Value:
    """What a part is made from: a figure's pair, or a mark. value null: nothing to tell."""

    numerator: float | None
    denominator: float | None
    value: float | None


@dataclass(frozen=True)
class PartScore:
    """A part of somebody's score. share: of the weight, 0 to 1; weight: after missing parts were spread over the others."""

    part: str
    value: Value
    percentile: float | None
    peers_n: int | None
    share: float | None
    weight: float
    points: float | None


@dataclass(frozen=True)
class Scored:
    """What somebody got. place: the rank among the peers that are ranked, of how many; flags: "missing:review", "small" …"""

    subject: Subject
    parts: tuple[PartScore, ...]
    n: float | None
    score: float | None
    missing: float
    flags: tuple[str, ...]
    place: int | None = None
    of: int | None = None
    band: str | None = None
    reasons: tuple[str, ...] = ()
    lists: tuple[str, ...] = ()
    vetoes: tuple[str, ...] = ()

    @property
    def ranked(self) -> bool:
        """Whether it takes part in ranks and cuts."""
        return self.score is not None and SMALL not in self.flags


@dataclass(frozen=True)
class Past:
    """What lists need of earlier periods: the scores of the one before, and the yearly means, the latest year first."""

    before: Mapping[int, float] = field(default_factory=dict)
    years: tuple[Mapping[int, float], ...] = ()


Values = Mapping[str, Mapping[int, Value]]  # part → subject → value
NOTHING = Value(None, None, None)


def score(
    card: Card,
    level: str,
    subjects: Sequence[Subject],
    values: Values,
    vetoes: Mapping[int, Sequence[str]] | None = None,
    past: Past | None = None,
) -> list[Scored]:
    """Everybody's score with its parts, the best of each peer group first, those that are not ranked last."""
    shares = {part.id: _shares(card, part, subjects, values.get(part.id, {})) for part in card.parts}
    scored = [_scored(card, level, one, values, shares) for one in subjects]
    scored = [_vetoed(card, one, (vetoes or {}).get(one.subject.subject_id, ())) for one in scored]
    scored = [_banded(card, one) for one in _placed(scored)]
    chosen = {rule.id: _members(rule, scored, past or Past()) for rule in card.lists}
    listed = [replace(one, lists=_lists_of(card, chosen, one)) for one in scored]
    return sorted(listed, key=lambda one: (one.place is None, one.place or 0, one.subject.peers, one.subject.code))


def rounded(value: float, digits: int) -> float:
    """Half up, as a person rounds: 0.125 to two digits is 0.13. Binary noise beyond the 9th digit is dropped first."""
    step = Decimal(1).scaleb(-digits)
    return float(Decimal(f"{value:.9f}").quantize(step, rounding=ROUND_HALF_UP))


def percentiles(values: Mapping[int, float]) -> dict[int, float]:
    """The share of the others that lie below, ties counted half: 0 for the lowest, 1 for the highest. Alone: nothing to say."""
    if len(values) < 2:
        return {}
    ordered = sorted(values.values())
    first: dict[float, int] = {}
    last: dict[float, int] = {}
    for at, value in enumerate(ordered):
        first.setdefault(value, at)
        last[value] = at
    return {one: (first[v] + last[v]) / 2 / (len(ordered) - 1) for one, v in values.items()}


def cut(scores: Mapping[int, float], n: int, *, top: bool) -> set[int]:
    """The best (or worst) n; where the next has the same score as the last of them, none with that score."""
    if n <= 0:
        return set()
    ordered = sorted(scores.items(), key=lambda pair: -pair[1] if top else pair[1])
    if len(ordered) > n and ordered[n][1] == ordered[n - 1][1]:
        edge = ordered[n][1]
        return {one for one, value in ordered[:n] if value != edge}
    return {one for one, _value in ordered[:n]}


def _shares(
    card: Card, part: Part, subjects: Sequence[Subject], values: Mapping[int, Value]
) -> dict[int, tuple[float, float | None, int | None]]:
    """Subject → share of the weight, percentile, how many peers had a value; only of those that have one."""
    known = {
        one.subject_id: found
        for one in subjects
        if (found := _known(part, values.get(one.subject_id, NOTHING))) is not None
    }
    if part.scale == "value":
        return {one: (_share(part, card.range_of(part), value), None, None) for one, value in known.items()}
    result: dict[int, tuple[float, float | None, int | None]] = {}
    for group in sorted({one.peers for one in subjects}):
        own = {
            one.subject_id: known[one.subject_id] for one in subjects if one.peers == group and one.subject_id in known
        }
        for one, at in percentiles(own).items():
            result[one] = (at if part.direction == "up" else 1 - at, at, len(own))
    return result


def _known(part: Part, found: Value) -> float | None:
    small = found.denominator is not None and found.denominator < part.least
    return None if small else found.value


def _share(part: Part, ends: tuple[float, float], value: float) -> float:
    low, high = ends
    share = min(1.0, max(0.0, (value - low) / (high - low)))
    return share if part.direction == "up" else 1 - share


def _scored(
    card: Card,
    level: str,
    subject: Subject,
    values: Values,
    shares: Mapping[str, Mapping[int, tuple[float, float | None, int | None]]],
) -> Scored:
    one = subject.subject_id
    lacking = [part for part in card.parts if part.weight and one not in shares[part.id]]
    missing = sum(part.weight for part in lacking)
    whole = sum(part.weight for part in card.parts)
    stretch = whole / (whole - missing) if whole > missing else 0.0
    parts = tuple(
        _part(part, values.get(part.id, {}).get(one, NOTHING), shares[part.id].get(one), stretch) for part in card.parts
    )
    flags = [f"{MISSING}:{part.id}" for part in lacking]
    told = [part.points for part in parts if part.points is not None]
    enough = bool(told) and bool(whole) and missing <= card.most_missing
    if whole and not enough:
        flags.append(TOO_MUCH)
    n, small = _sample(card, level, parts)
    if small:
        flags.append(SMALL)
    total = rounded(sum(told), card.digits) if enough else None
    return Scored(subject, parts, n, total, missing, tuple(flags))


def _part(part: Part, value: Value, share: tuple[float, float | None, int | None] | None, stretch: float) -> PartScore:
    if share is None:
        return PartScore(part.id, value, None, None, None, 0.0, None)
    weight = part.weight * stretch
    return PartScore(part.id, value, share[1], share[2], share[0], weight, share[0] * weight)


def _sample(card: Card, level: str, parts: Sequence[PartScore]) -> tuple[float | None, bool]:
    rule = next((rule for name, rule in card.sample.items() if name == level), None)
    if rule is None:
        return None, False
    n = next((part.value.denominator for part in parts if part.part == rule.part), None) or 0.0
    return n, n < rule.least


def _vetoed(card: Card, one: Scored, entered: Sequence[str]) -> Scored:
    found = [veto.id for veto in card.vetoes if veto.id in entered or (veto.test and _holds(card, one, veto.test))]
    return replace(one, vetoes=tuple(found), flags=(*one.flags, VETOED)) if found else one


def _placed(scored: Sequence[Scored]) -> list[Scored]:
    """With ranks within each peer group; equal scores share one."""
    groups: dict[str, list[float]] = {}
    for one in scored:
        if one.ranked and one.score is not None:
            groups.setdefault(one.subject.peers, []).append(one.score)
    return [
        replace(one, place=1 + sum(other > one.score for other in own), of=len(own))
        if one.ranked and one.score is not None and (own := groups[one.subject.peers])
        else one
        for one in scored
    ]


def _banded(card: Card, one: Scored) -> Scored:
    for band in card.bands:
        if band.when is not None:
            if reasons := _holds(card, one, band.when):
                return replace(one, band=band.id, reasons=tuple(reasons))
        elif band.least is None:
            by_score = any(b.least is not None for b in card.bands)
            return replace(one, band=band.id) if one.ranked or not by_score else one
        elif one.ranked and one.score is not None and one.score >= band.least:
            return replace(one, band=band.id)
    return one


def _holds(card: Card, one: Scored, test: Test) -> list[str]:
    """What held of a test, if it passes: each comparison with the value found. Empty if it does not."""
    values = [_looked_up(card, one, predicate) for predicate in test.parts]
    if not test.verdict(values).passed:
        return []
    pairs = zip(test.parts, values, strict=True)
    return [
        f"{predicate.text()} = {value:g}"
        for predicate, value in pairs
        if value is not None and OPERATORS[predicate.operator](value, predicate.value)
    ]


def _looked_up(card: Card, one: Scored, predicate: Predicate) -> float | None:
    part = next(
        (part for part in card.parts if (part.figure, part.against) == (predicate.figure, predicate.against)), None
    )
    return next((_known(part, own.value) for own in one.parts if part and own.part == part.id), None)


def _members(rule: ListRule, scored: Sequence[Scored], past: Past) -> set[int]:
    """Who comes on a list by the cut, the thresholds and the progress; vetoes are another matter."""
    ranked = {one.subject.subject_id: one for one in scored if one.ranked and one.score is not None}
    scores = {one: item.score for one, item in ranked.items() if item.score is not None}
    found = set(scores)
    if rule.years is not None:
        found = _in_a_row(rule, ranked, past.years[: rule.years])
    elif rule.side is not None:
        found = _in_cut(rule, ranked, scores)
    found = {one for one in found if rule.at_least is None or scores[one] >= rule.at_least}
    found = {one for one in found if rule.below is None or scores[one] < rule.below}
    if rule.progress is not None:
        better = {one for one, now in scores.items() if one in past.before and now - past.before[one] >= rule.progress}
        found |= better
    return found


def _in_cut(rule: ListRule, ranked: Mapping[int, Scored], scores: Mapping[int, float]) -> set[int]:
    found: set[int] = set()
    for group in {one.subject.peers for one in ranked.values()}:
        own = {one: scores[one] for one, item in ranked.items() if item.subject.peers == group and one in scores}
        if len(own) >= rule.units:
            n = rule.count if rule.count is not None else len(own) // (rule.one_in or 10)
            found |= cut(own, n, top=rule.side == "top")
    return found


def _in_a_row(rule: ListRule, ranked: Mapping[int, Scored], years: Sequence[Mapping[int, float]]) -> set[int]:
    if len(years) < (rule.years or 0):
        return set()
    return set.intersection(*(_in_cut(rule, {k: v for k, v in ranked.items() if k in year}, year) for year in years))


def _lists_of(card: Card, chosen: Mapping[str, Collection[int]], one: Scored) -> tuple[str, ...]:
    """A veto puts on every list that minds vetoes and keeps off the lists of the best."""
    found = []
    for rule in card.lists:
        by_score = one.subject.subject_id in chosen[rule.id] and not (
            one.vetoes and rule.side == "top" and not rule.opens
        )
        if by_score or (rule.vetoes and one.vetoes):
            found.append(rule.id)
    return tuple(found)
