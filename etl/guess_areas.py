"""Which columns of a ticket file name the place: community, street, grid, and which level of the tree that is.

The district's own names decide where there is a tree. Without one the header's word and the ending of the names
(社区, 街道) do, for a level the tree has not yet the ending alone; foreign areas are ordered by which lies inside which.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import pyarrow as pa
import pyarrow.compute as pc

from etl.guess_proposal import Findings
from etl.guess_reasons import Reason
from etl.guess_sample import Column, Sample
from etl.names import normal_name
from etl.vocabulary import field_match, is_cjk, level_match, load

# Lowest first, as the mapping wants them.
ORDER = ("building", "estate", "micro_grid", "grid", "community", "street")


@dataclass(frozen=True)
class Area:
    """A column that names places: its level, by name or by code, how sure and why."""

    column: Column
    level: str
    by: str
    sure: float
    reasons: tuple[Reason, ...]


class Gazetteer:
    """Names and codes of the deployment's places, by level."""

    def __init__(self, trees: Iterable[pa.Table]) -> None:
        self.names: dict[str, set[str]] = {}
        self.codes: dict[str, set[str]] = {}
        for tree in trees:
            present = [name for name in ("level", "code", "name", "aliases") if name in tree.column_names]
            for row in tree.select(present).to_pylist():
                if row["level"] not in ORDER:  # a store without places holds its district all the same
                    continue
                names = [row.get("name"), *(row.get("aliases") or [])]
                self.names.setdefault(row["level"], set()).update(normal_name(name) for name in names if name)
                if row.get("code"):
                    self.codes.setdefault(row["level"], set()).add(str(row["code"]))

    def match(self, column: Column) -> tuple[str, str, float]:
        """(level, "name" or "code", share of rows) of the level that knows most of a column's values."""
        counts = column.counts
        best = ("", "name", 0.0)
        for level in ORDER:
            for by, known in (("name", self.names.get(level, set())), ("code", self.codes.get(level, set()))):
                words = ((normal_name(value) if by == "name" else value, count) for value, count in counts.items())
                share = sum(count for value, count in words if value in known) / max(column.filled, 1)
                if share > best[2]:
                    best = (level, by, share)
        return best


def write_areas(sample: Sample, trees: Iterable[pa.Table], findings: Findings) -> None:
    """Put a [[location.places]] entry down for each level that a column names, lowest first."""
    gazetteer = Gazetteer(trees)
    found: dict[str, Area] = {}
    for area in sorted(
        _areas(sample, gazetteer, findings.used), key=lambda area: (-round(area.sure, 1), -area.column.distinct)
    ):
        first = found.setdefault(area.level, area)
        wider = area.level == "community" and area is not first and inside(first.column, area.column) > 0.9
        if wider and "street" not in found and not gazetteer.names and not is_cjk(area.column.name):
            found["street"] = Area(
                area.column, "street", area.by, 0.6, (*area.reasons, ("wide", {"other": first.column.name}))
            )
    if gazetteer.names:
        found = {
            level: area
            for level, area in found.items()
            if area.reasons[0][0] == "tree_names" or level not in gazetteer.names
        }
    else:
        _settle_either(found)
    for number, level in enumerate(level for level in ORDER if level in found):
        area = found[level]
        here = ("location", "places", number)
        findings.add(*here, "level", value=level, confidence=area.sure, reasons=list(area.reasons))
        findings.add(*here, "column", value=area.column.name, confidence=area.sure,
                     reasons=[("distinct", {"count": area.column.distinct})])  # fmt: skip
        findings.add(*here, "by", value=area.by, confidence=0.9, reasons=[("values_say", {"meaning": area.by})])
        findings.used.add(area.column.name)
        if area.sure < 0.75:
            findings.ask("place_level", column=area.column.name, level=level)


def _areas(sample: Sample, gazetteer: Gazetteer, taken: set[str]) -> list[Area]:
    areas = []
    for name, column in sample.columns.items():
        if name in taken or not 2 <= column.distinct <= 20_000 or column.null_share > 0.9 or column.length > 40:
            continue
        if field_match("unit", name).score > 0.8:  # a street's office is who answers, not where it was
            continue
        level, match = level_match(name)
        if gazetteer.names:
            level, by, share = gazetteer.match(column)
            if share >= 0.4 and (match.score > 0.3 or share > 0.8):
                why: Reason = ("tree_names", {"share": share, "level": level})
                areas.append(Area(column, level, by, 0.55 + 0.43 * share, (why,)))
                continue
        ending = by_ending(column)
        if gazetteer.names and (ending is None or ending[0] in gazetteer.names):
            continue
        if ending is not None and column.distinct < 0.3 * column.filled:
            level, share = ending
            areas.append(Area(column, level, "name", 0.65 + 0.3 * share, (("suffix", {"share": share}),)))
        elif match.score >= 0.7 and level != "district" and column.distinct < 0.5 * column.filled:
            areas.append(_by_header(column, level, match.score))
    return areas


def _by_header(column: Column, level: str, score: float) -> Area:
    digits = sum(1 for value in column.counts if value.isdigit()) > 0.8 * column.distinct
    sure = score * (0.85 if is_cjk(column.name) else 0.75)
    if digits and column.length < 6:  # numbers of the source's own tables, not the division codes
        sure *= 0.7
    if digits and column.length >= 9:  # 9, 12 and 15 digits are street, community and grid codes
        sure *= 1.1
    by = "code" if digits else "name"
    return Area(column, level, by, sure, (("header", {"column": column.name, "meaning": level}),))


def by_ending(column: Column) -> tuple[str, float] | None:
    """(level, share) where most names end in a level's word: 南布社区, 龙田街道."""
    counts = column.counts
    for level, endings in load("vocabulary_places")["suffixes"].items():
        if level == "grid":
            words: tuple[str, ...] = tuple(endings)
            hits = sum(n for value, n in counts.items() if value.endswith(words) and not value.endswith("微网格"))
        else:
            hits = sum(n for value, n in counts.items() if value.endswith(tuple(endings)))
        if hits >= 0.6 * column.filled:
            return level, hits / column.filled
    return None


def _settle_either(found: dict[str, Area]) -> None:
    """Words used for both (district, ward, distrito): the smaller areas are communities, what holds them streets."""
    either = found.pop("either", None)
    if either is not None and "community" not in found:
        street = found.get("street")
        nested = street is not None and inside(either.column, street.column) > 0.9
        why: list[Reason] = [*either.reasons]
        if nested and street is not None:
            why.append(("nested", {"other": street.column.name}))
        found["community"] = Area(either.column, "community", either.by, 0.6 + 0.1 * nested, tuple(why))
    street, community = found.get("street"), found.get("community")
    if street is not None and community is not None and not is_cjk("".join(street.column.counts)):
        if inside(community.column, street.column) < 0.8:
            del found["street"]
        elif street.sure < 0.75:
            why = [*street.reasons, ("wide", {"other": community.column.name})]
            found["street"] = Area(street.column, "street", street.by, min(0.72, street.sure + 0.05), tuple(why))


def inside(small: Column, large: Column) -> float:
    """Share of rows whose small area lies in the large area it mostly lies in."""
    pairs = pc.binary_join_element_wise(small.text, large.text, "\x1f").drop_null()
    if not len(pairs):
        return 0.0
    found = pairs.value_counts()
    most: dict[str, int] = {}
    for pair, count in zip(found.field("values").to_pylist(), found.field("counts").to_pylist(), strict=True):
        name = pair.split("\x1f")[0]
        most[name] = max(most.get(name, 0), count)
    return sum(most.values()) / len(pairs)
