"""The words columns and values are recognised by, in the languages ticket exports come in.

The words themselves are data (vocabulary*.toml). Here they are compared: headers are taken apart into words
whatever their style (CREATED_DATE, CreatedDate, createddate, 创建时间), accents and case away, and a phrase counts by
how much of the header it explains.
"""

from __future__ import annotations

import re
import tomllib
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

_SHORT = {"id", "no", "sr", "dt", "nr", "x", "y"}
_CJK = re.compile(r"[぀-ヿ㐀-鿿가-힯]")
_AGAINST = 0.3  # what is left of a match when a word speaks against it


@dataclass(frozen=True)
class Match:
    """How well a header fits a field: 0 to 1, and the phrase that did it."""

    score: float
    phrase: str


NONE = Match(0.0, "")


@cache
def load(name: str) -> dict[str, Any]:
    """One of the word files beside this module."""
    path = Path(__file__).with_name(f"{name}.toml")
    return tomllib.loads(path.read_text(encoding="utf-8"))


@cache
def plain(text: str) -> str:
    """Lower case, without accents, width variants and punctuation; words one space apart.

    >>> plain("Data de Criação"), plain("SRNumber"), plain("CREATED_DATE")
    ('data de criacao', 'sr number', 'created date')
    """
    text = unicodedata.normalize("NFKC", text)
    text = re.sub(r"([a-z0-9])([A-Z])|([A-Z])([A-Z][a-z])", r"\1\3 \2\4", text)
    parts = unicodedata.normalize("NFD", text.casefold().replace("ß", "ss"))
    kept = "".join(letter for letter in parts if not 0x300 <= ord(letter) < 0x370)
    composed = unicodedata.normalize("NFC", kept)
    spaced = re.sub(r"([a-z])(?=[㐀-鿿])|([㐀-鿿])(?=[a-z])", r"\1\2 ", composed)
    return " ".join(re.sub(r"[^\w]|_", " ", spaced).split())


def is_cjk(text: str) -> bool:
    """Whether a Chinese, Japanese or Korean sign stands in it."""
    return bool(_CJK.search(text))


@cache
def words_of(header: str) -> tuple[str, ...]:
    """The words of a header, run-together ones taken apart: SERVICEDUEDATE is service, due, date."""
    return tuple(part for word in plain(header).split() for part in _apart(word))


def phrase_match(phrases: Iterable[tuple[str, float]], header: str, against: Iterable[str] = ()) -> Match:
    """The best of the phrases in the header. 1.0 when it explains the whole header but for filler words."""
    words = words_of(header)
    best = NONE
    for phrase, weight in phrases:
        rest = _without(words, phrase)
        if rest is None:
            continue
        share = _share(phrase, rest)
        score = weight * (0.65 + 0.35 * share)
        if rest and any(_without(rest, other) is not None for other in against):
            score *= _AGAINST
        if score > best.score or (score == best.score and len(phrase) > len(best.phrase)):
            best = Match(score, phrase)
    return best


@cache
def field_match(field: str, header: str) -> Match:
    """How well the header names a ticket field (vocabulary.toml)."""
    entry = load("vocabulary")["fields"][field]
    return phrase_match(_weighted(entry), header, tuple(entry.get("against", ())))


@cache
def place_field_match(field: str, header: str) -> Match:
    """How well the header names a field of a place file (vocabulary_places.toml)."""
    return phrase_match(_weighted(load("vocabulary_places")["fields"][field]), header)


@cache
def level_match(header: str) -> tuple[str, Match]:
    """The level a header names ("community", …, or "either" for words that are used for both), and how well."""
    vocabulary = load("vocabulary_places")
    found = {
        level: phrase_match([(phrase, 1.0) for phrase in phrases], header, vocabulary["against"])
        for level, phrases in vocabulary["words"].items()
    }
    # 微网格 holds 网格, so the longer phrase wins where both explain as much
    level = max(found, key=lambda name: (round(found[name].score, 2), len(found[name].phrase)))
    return level, found[level]


def is_person(header: str) -> bool:
    """Whether the header names a person or a contact."""
    return _says("person", header) >= 0.75


@cache
def is_address(header: str) -> bool:
    """Whether the header names an address: somebody's home as often as not."""
    return _says("address", header) >= (0.8 if is_cjk(header) else 0.93)


def _says(table: str, header: str) -> float:
    return phrase_match([(phrase, 1.0) for phrase in load("vocabulary_values")["personal"][table]], header).score


@cache
def _value_words(table: str) -> dict[str, str]:
    return {plain(word): target for target, words in load("vocabulary_values")[table].items() for word in words}


def value_match(table: str, value: str) -> tuple[str | None, float]:
    """What a value says in one of the value tables, and how sure: whole match 1.0, contained phrase less."""
    words, text = _value_words(table), plain(value)
    if text in words:
        return words[text], 1.0
    inside = [word for word in words if len(word) > 1 and _without(tuple(text.split()), word) is not None]
    if not inside:
        return None, 0.0
    # "Closed (Duplicate)" is closed first of all: what stands in front says what it is, then the longer word
    first = max(inside, key=lambda word: (text.startswith(word), len(word)))
    return words[first], 0.65 + 0.3 * len(first) / len(text)


def truth(value: str) -> bool | None:
    """Yes or no in many languages; None for anything else."""
    target = _value_words("truth").get(plain(value))
    return None if target is None else target == "yes"


def _weighted(entry: dict[str, Any]) -> tuple[tuple[str, float], ...]:
    return tuple(
        (plain(phrase), float(weight)) for weight, phrases in entry.items() if weight != "against" for phrase in phrases
    )


def _without(words: tuple[str, ...], phrase: str) -> tuple[str, ...] | None:
    """What is left of the words without the phrase, or None where it does not occur."""
    sought = plain(phrase)
    if is_cjk(sought):
        text, sought = " ".join(words), sought.replace(" ", "")
        joined = text.replace(" ", "")
        return tuple(joined.replace(sought, " ", 1).split()) if sought in joined else None
    parts = tuple(sought.split())
    for start in range(len(words) - len(parts) + 1):
        if words[start : start + len(parts)] == parts:
            return words[:start] + words[start + len(parts) :]
    return None


def _share(phrase: str, rest: tuple[str, ...]) -> float:
    """How much of what matters in a header the phrase explains."""
    left = "".join(word for word in rest if word not in _fillers() and not word.isdigit())
    if is_cjk(left):
        for filler in sorted((word for word in _fillers() if is_cjk(word)), key=len, reverse=True):
            left = left.replace(filler, "")
    size = len(phrase.replace(" ", ""))
    return size / (size + len(left))


@cache
def _fillers() -> frozenset[str]:
    return frozenset(plain(word) for word in load("vocabulary")["fillers"])


@cache
def _known() -> frozenset[str]:
    vocabulary = load("vocabulary")
    phrases = [phrase for entry in vocabulary["fields"].values() for group in entry.values() for phrase in group]
    phrases += [*vocabulary["fillers"], *vocabulary["joiners"]]
    single = {word for phrase in phrases for word in plain(phrase).split() if word.isascii()}
    return frozenset(word for word in single if len(word) > 2 or word in _SHORT)


@cache
def _apart(word: str) -> tuple[str, ...]:
    """A word written together, as the fewest known words, with an s between them where German and Dutch put one."""
    if len(word) < 5 or word in _known() or not word.isascii():
        return (word,)
    best: list[tuple[str, ...] | None] = [()] + [None] * len(word)
    for end in range(1, len(word) + 1):
        for start in range(end):
            head, piece = best[start], word[start:end]
            if head is None:
                continue
            if piece in _known():
                found = (*head, piece)
            elif head and piece[0] == "s" and piece[1:] in _known():
                found = (*head, piece[1:])
            else:
                continue
            current = best[end]
            if current is None or len(found) < len(current):
                best[end] = found
    return best[-1] or (word,)
