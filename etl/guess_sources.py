"""Which source a file of tickets comes from: one the store knows, or a new one.

Ids are unique within a source. If tomorrow's export went in under another name, every case would be there twice; if two
systems shared a name, their tickets would overwrite each other. So the columns decide, and the file's name only where
they say nothing.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from data.errors import MappingError
from etl.guess_proposal import Finding, Findings
from etl.guess_reasons import Reason
from etl.mapping import parse_mapping

_SAME: Final = 0.8  # share of an earlier mapping's columns that a file must have to come from the same system
_RELATED: Final = 0.5  # likewise where the file's name is the source's as well: systems gain and lose columns


@dataclass(frozen=True)
class KnownSource:
    """A source of the store: the columns its latest mapping names, and those that identify a ticket."""

    name: str
    columns: tuple[str, ...]
    identity: tuple[str, ...]
    by_key: bool

    def share_in(self, columns: Collection[str]) -> float:
        """How many of its columns a file has; nothing where one that identifies a ticket is missing."""
        if not set(self.identity) <= set(columns):
            return 0.0
        return sum(name in columns for name in self.columns) / len(self.columns)


def known_sources(mappings: Iterable[tuple[str, str]]) -> list[KnownSource]:
    """From (source, text of its latest mapping); a text of an older form says nothing."""
    found = []
    for name, text in mappings:
        try:
            mapping = parse_mapping(text)
        except MappingError:
            continue
        identity = mapping.key.columns if mapping.key and "id" not in mapping.fields else mapping.fields["id"].sources
        found.append(KnownSource(name, mapping.columns, identity, "id" not in mapping.fields))
    return found


def write_source(name: str, columns: Collection[str], known: Sequence[KnownSource], findings: Findings) -> Finding:
    """The line `source`. name: what the file is called. known: the sources of the store, the latest first.

    The key of a known source is taken over with it: a ticket without an id is known again by the same columns only.
    """
    by_key = any(line.key == ("key", "columns") for line in findings.lines)
    alike = [source for source in known if source.by_key == by_key and source.share_in(columns) >= _floor(source, name)]
    alike.sort(key=lambda source: (-source.share_in(columns), source.name != name))
    if not alike:
        return _new(name, {source.name for source in known}, findings)
    chosen = alike[0]
    if len(alike) > 1:
        findings.ask("source_which", source=chosen.name, others=", ".join(source.name for source in alike[1:4]))
    for line in findings.lines:
        if line.key == ("key", "columns") and chosen.by_key:
            line.value = list(chosen.identity)
    reasons: list[Reason] = [("source_known", {"share": chosen.share_in(columns)})]
    return Finding(("source",), chosen.name, 0.95 if chosen.share_in(columns) == 1 else 0.8, reasons)


def _floor(source: KnownSource, name: str) -> float:
    return _RELATED if source.name == name else _SAME


def _new(name: str, taken: Collection[str], findings: Findings) -> Finding:
    """A name no source of the store has: same-named files of another system stay apart."""
    if name not in taken:
        return Finding(("source",), name, 0.9, [("from_file", {})])
    free = next(f"{name}-{n}" for n in range(2, len(taken) + 3) if f"{name}-{n}" not in taken)
    findings.ask("source_other", source=name, proposed=free)
    return Finding(("source",), free, 0.6, [("source_taken", {"source": name})])
