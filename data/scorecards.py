"""A scorecard: what a judgement is made of, as a definition says it.

The settings are TOML (`data/scorecards/*.toml`, a city's own in `definitions/scorecards` of its home); this module is their shape
and what must hold between their parts. `data/scoring.py` works them out, `data/score_runs.py` keeps what came of it.
"""

from __future__ import annotations

from math import isclose
from typing import Annotated, Literal

from pydantic import AfterValidator, Field, model_validator

from data.actors import ADMINISTRATOR, LEADER, OPERATOR
from data.figure_catalogue import CATALOGUE
from data.kinds import Identifier, Name, Role
from data.kinds import Part as Table
from data.predicates import Test

SUBJECTS = ("estate", "company", "community", "street")
Level = Literal["estate", "company", "community", "street"]
Tone = Literal["good", "soon", "late", "info"]
POOLED = ("count", "proportion", "weighted mean", "rate", "composite")  # types of figure whose pairs add up
Pairs = list[tuple[str, str]]


def _figure(name: str) -> str:
    if name not in CATALOGUE:
        raise ValueError(f"there is no figure {name}")
    return name


class Part(Table):
    """A part of the score, out of exactly one of a figure, an entered judgement and a register.

    direction: which way is good. scale: "value" earns its place between the two ends of `range` (what earns nothing, what earns all,
    for the direction up), "percentile" its place among its peers. least: a smaller denominator says nothing, the part is missing.
    against: "previous" divides by what it was in the period before. how: a register's entries are counted ("covered": is there one)
    or added up. A weight of 0 is only shown.
    """

    id: Identifier
    name: Name
    weight: float = Field(ge=0)
    figure: Annotated[str, AfterValidator(_figure)] | None = None
    judgement: Identifier | None = None
    register_: Identifier | None = Field(None, alias="register")
    against: Literal["previous"] | None = None
    how: Literal["covered", "sum"] = "covered"
    direction: Literal["up", "down"] = "up"
    scale: Literal["value", "percentile"] = "value"
    range: tuple[float, float] = (0.0, 1.0)
    least: float = Field(0, ge=0)
    group: Identifier | None = None

    @model_validator(mode="after")
    def _one_source(self) -> Part:
        if sum(one is not None for one in (self.figure, self.judgement, self.register_)) != 1:
            raise ValueError("names exactly one of figure, judgement, register")
        if self.range[0] >= self.range[1]:
            raise ValueError("a range goes from the lower to the higher value")
        if self.against and self.figure is None:
            raise ValueError("only a figure has a period before")
        return self


class Group(Table):
    """Parts that belong together; their weights add up to its own."""

    name: Name
    weight: float = Field(gt=0)


class Judgement(Table):
    """A mark somebody enters, for a subject and a period."""

    name: Name
    range: tuple[float, float] = (0.0, 1.0)
    roles: tuple[Role, ...] = (LEADER, OPERATOR)


class Veto(Table):
    """An event that counts whatever the score: entered with its evidence, or found by a test on figures of the period."""

    id: Identifier
    name: Name
    roles: tuple[Role, ...] = (LEADER, OPERATOR)
    test: Test | None = None


class Band(Table):
    """A grade: from a score upwards, or where a test holds; the first that fits. Without either: the rest. grant: yuan a year."""

    id: Identifier
    name: Name
    tone: Tone = "info"
    least: float | None = None
    when: Test | None = None
    note: Name | None = None
    grant: float = Field(0, ge=0)


class ListRule(Table):
    """A list and who comes on it.

    side: the best or the worst of each peer group of at least `units` ranked ones: one in `one_in` (rounded down), or `count` of
    them; a tie across the cut admits none of the tied. at_least, below: and a score like that. years: and so by the mean of each year's
    periods, in that many years in a row. progress: or a score better by so much than in the period before. vetoes: or a veto.
    opens: the kind of case that is opened for whoever is on it.
    """

    id: Identifier
    name: Name
    tone: Tone
    side: Literal["top", "bottom"] | None = None
    one_in: int | None = Field(None, ge=2)
    count: int | None = Field(None, ge=1)
    units: int = Field(10, ge=1)
    at_least: float | None = None
    below: float | None = None
    years: int | None = Field(None, ge=2, le=5)
    progress: float | None = Field(None, gt=0)
    vetoes: bool = False
    opens: Identifier | None = None

    @model_validator(mode="after")
    def _one_cut(self) -> ListRule:
        if self.side is not None and (self.one_in is None) == (self.count is None):
            raise ValueError("a side needs either one_in or count")
        if self.side is None and not (self.vetoes or self.at_least is not None or self.below is not None):
            raise ValueError("says nobody who comes on it")
        if self.years is not None and self.side is None:
            raise ValueError("years in a row need a side")
        return self


class Sample(Table):
    """The smallest denominator of a part with which somebody is ranked."""

    part: Identifier
    least: float = Field(gt=0)


class Publicity(Table):
    """How long a list is open to appeals (公示): so many days, to the end of the last."""

    days: int = Field(7, ge=0, le=60)


class Roles(Table):
    """Who does what with a run. appeal: takes an appeal down for whoever makes it."""

    draft: tuple[Role, ...] = (LEADER, OPERATOR, ADMINISTRATOR)
    publish: tuple[Role, ...] = (LEADER,)
    appeal: tuple[Role, ...] = (LEADER, OPERATOR)
    decide: tuple[Role, ...] = (LEADER,)


class Card(Table):
    """A scorecard. levels: what is judged; peers: by level, what sets peers apart ("kind"; else all are peers); managed: only
    estates that a company looks after; requires: only estates with an entry of that register; total: what the weights
    sum to; most_missing: with more points missing nobody is ranked; digits: of a score, before anybody is compared;
    order: among the cards, the lowest first."""

    id: Identifier
    name: Name
    levels: tuple[Level, ...] = Field(min_length=1)
    period: Literal["month", "quarter", "half", "year"]
    total: float = Field(100, gt=0)
    parts: tuple[Part, ...] = Field(min_length=1)
    groups: dict[Identifier, Group] = Field(default_factory=dict)
    judgements: dict[Identifier, Judgement] = Field(default_factory=dict)
    managed: bool = False
    requires: Identifier | None = None
    peers: dict[Level, Literal["kind"]] = Field(default_factory=dict)
    most_missing: float = Field(25, ge=0)
    sample: dict[Level, Sample] = Field(default_factory=dict)
    digits: int = Field(2, ge=0, le=6)
    bands: tuple[Band, ...] = ()
    vetoes: tuple[Veto, ...] = ()
    lists: tuple[ListRule, ...] = ()
    order: int = 100
    publicity: Publicity = Publicity()
    roles: Roles = Roles()

    def part(self, name: str) -> Part | None:
        """The part of that name."""
        return next((part for part in self.parts if part.id == name), None)

    def range_of(self, part: Part) -> tuple[float, float]:
        """What earns nothing and what earns all: a mark's own range, else the part's."""
        return self.judgements[part.judgement].range if part.judgement else part.range

    def list_of(self, name: str) -> ListRule | None:
        """The list of that name."""
        return next((rule for rule in self.lists if rule.id == name), None)

    def tests(self) -> list[tuple[str, Test]]:
        """Every test on figures, with the key path it stands at."""
        found = [(f"bands.{band.id}.when", band.when) for band in self.bands if band.when]
        return found + [(f"vetoes.{veto.id}.test", veto.test) for veto in self.vetoes if veto.test]


def faults(card: Card) -> Pairs:
    """What does not hold between the parts of a card: (key path, what), the first first."""
    return [*_twice(card), *_weights(card), *_sources(card), *_tests(card), *_cuts(card)]


def _twice(card: Card) -> Pairs:
    tables = {
        "parts": [one.id for one in card.parts],
        "bands": [one.id for one in card.bands],
        "vetoes": [one.id for one in card.vetoes],
        "lists": [one.id for one in card.lists],
    }
    found = []
    for name, ids in tables.items():
        found += [
            (f"{name}.{one}", f"{one} stands there twice") for one in sorted({i for i in ids if ids.count(i) > 1})
        ]
    return found


def _weights(card: Card) -> Pairs:
    found = []
    weights = sum(part.weight for part in card.parts)
    if weights and not isclose(weights, card.total, abs_tol=1e-9):
        found.append(("parts", f"the weights sum to {weights:g}, not to {card.total:g}"))
    for name, group in card.groups.items():
        own = sum(part.weight for part in card.parts if part.group == name)
        if not isclose(own, group.weight, abs_tol=1e-9):
            found.append((f"groups.{name}", f"the weights of its parts sum to {own:g}, not to {group.weight:g}"))
    if not weights and not any(band.when for band in card.bands):
        found.append(("parts", "no part has a weight, and no band a test"))
    return found


def _sources(card: Card) -> Pairs:
    found = []
    for part in card.parts:
        if part.judgement is not None and part.judgement not in card.judgements:
            found.append((f"parts.{part.id}.judgement", f"there is no judgement {part.judgement}"))
        if part.group is not None and part.group not in card.groups:
            found.append((f"parts.{part.id}.group", f"there is no group {part.group}"))
        figure = CATALOGUE.get(part.figure or "")
        if figure and "company" in card.levels and figure.type not in POOLED:
            found.append((f"parts.{part.id}.figure", f"{figure.name} cannot be pooled over the estates of a company"))
    for level, sample in card.sample.items():
        if card.part(sample.part) is None:
            found.append((f"sample.{level}.part", f"there is no part {sample.part}"))
    return found


def _tests(card: Card) -> Pairs:
    shown = {(part.figure, part.against) for part in card.parts if part.figure}
    return [
        (path, f"the test looks at {one.figure}, which no part of the card shows")
        for path, test in card.tests()
        for one in test.parts
        if (one.figure, one.against) not in shown
    ]


def _cuts(card: Card) -> Pairs:
    found = [
        (f"lists.{rule.id}", "the thresholds leave no score between them")
        for rule in card.lists
        if rule.at_least is not None and rule.below is not None and rule.at_least >= rule.below
    ]
    if any(rule.years for rule in card.lists) and card.period == "year":
        found.append(("period", "years in a row are made of shorter periods"))
    open_ended = [band.id for band in card.bands[:-1] if band.least is None and band.when is None]
    return found + [(f"bands.{name}", "only the last band takes the rest") for name in open_ended]
