"""What the program said in English, in the reader's language.

Errors, reasons, warnings and steps of work come as English sentences (see `program_texts.py`). Here a sentence is matched
against the templates they were made from, the most specific first, and said again in Chinese with the same pieces: names
and numbers as they are, pieces that are texts themselves in Chinese too. What matches nothing is shown as it came.

A Chinese template may write a hole as {0:、}: the list in it is then joined so.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache, reduce
from string import Formatter

from dashboard.languages import language
from dashboard.program_texts import PIECE, SENTENCE, WHERE, chinese
from data.errors import JingweiError

ANYTHING, IN_QUOTES = ".+?", '[^"]+'
HOLES = {"n": r"-?(?:\d[\d,.]*(?:e[+-]?\d+)?%?|inf|nan)", "q": r"""'.*?'|".*?"|None|-?[\d.]+"""}
JOINTS = ("; ", ", ")
MOST_PARTS = 12  # of a list whose parts are looked up one by one
REMEMBERED = 4096
_FOLDERS = re.compile(r"^/(?:[^/]+/)*")


def in_words(text: str, *, where: bool = False) -> str:
    """A text of the program in the reader's language. where: it says where something is wrong, not what."""
    return _in_chinese(text, where) if language() == "zh" and text else text


def parts_of(error: JingweiError) -> dict[str, str]:
    """An error as plain strings in the reader's language: {"error", "what", "where", "todo"}. A page is told a file's
    name, not where on the machine it lies."""
    return {
        "error": type(error).__name__,
        "what": in_words(error.what),
        "where": in_words(_FOLDERS.sub("", error.where), where=True),
        "todo": in_words(error.todo),
    }


def in_a_line(error: JingweiError) -> str:
    """An error as one line of text."""
    said = parts_of(error)
    return " ".join(part for part in (said["where"] and f"{said['where']}:", said["what"], said["todo"]) if part)


class _List(str):
    """A piece that can be joined otherwise: f"{piece:、}"."""

    def __format__(self, joint: str) -> str:
        return self.replace(", ", joint).replace(" or ", joint) if joint else str(self)


@dataclass(frozen=True)
class _Template:
    """A template made ready. translate: for each hole whether what stands in it may be a text of the program itself."""

    regex: re.Pattern[str]
    chinese: str
    quoted: tuple[bool, ...]
    translate: tuple[bool, ...]
    letters: int

    @classmethod
    def of(cls, english: str, translated: str) -> _Template:
        """Read a template: {0} is anything, {0:n} a number, {0:q} something in quotes of Python, {0:x} a name."""
        regex, letters, quoted, translate = "", 0, [], []
        for before, name, kind, _ in Formatter().parse(english):
            regex += re.escape(before)
            letters += len(before) if re.search("[A-Za-z]", before) else 0
            if name is None:
                continue
            in_quotes = before.endswith('"')
            regex += f"({HOLES.get(kind or '', IN_QUOTES if in_quotes else ANYTHING)})"
            quoted.append(kind == "q")
            translate.append(not kind and not in_quotes)
        return cls(re.compile(regex, re.DOTALL), translated, tuple(quoted), tuple(translate), letters)

    def said(self, text: str) -> str | None:
        """The text in Chinese; None when it was not made from this template."""
        match = self.regex.fullmatch(text)
        return None if match is None else self.chinese.format(*self._pieces(match.groups()))

    def _pieces(self, groups: tuple[str, ...]) -> Iterator[_List]:
        for piece, quoted, translate in zip(groups, self.quoted, self.translate, strict=True):
            bare = piece[1:-1] if quoted and len(piece) > 1 and piece[0] == piece[-1] and piece[0] in "'\"" else piece
            yield _List(_piece(bare) if translate else bare)


@lru_cache(maxsize=3)
def _templates(context: str) -> tuple[_Template, ...]:
    """The templates of a context, the one with most words of its own first."""
    found = [_Template.of(text, words) for (where, text), words in chinese().items() if where == context]
    return tuple(sorted((one for one in found if one.letters), key=lambda one: -one.letters))


@lru_cache(maxsize=1)
def _joined() -> dict[str, str]:
    """How Chinese joins parts: "; " -> "；"."""
    known = chinese()
    return {joint: known[PIECE, f"{{0}}{joint}{{1}}"] for joint in JOINTS} | {".": known[PIECE, "{0}."]}


@lru_cache(maxsize=REMEMBERED)
def _in_chinese(text: str, where: bool) -> str:
    if where:
        file, colon, path = text.partition(": ")
        return _matched(text, WHERE) or f"{_matched(file, WHERE) or file}{colon}{path}"
    found = _matched(text, SENTENCE)
    if found is not None:
        return found
    if text.endswith(".") and (piece := _piece(text[:-1])) != text[:-1]:
        return _joined()["."].format(piece)
    return _piece(text)


def _matched(text: str, context: str) -> str | None:
    return next((said for one in _templates(context) if (said := one.said(text)) is not None), None)


def _piece(text: str) -> str:
    """A piece in Chinese; of several joined ones each, when each is known."""
    for joint in JOINTS:
        parts = text.split(joint)
        words = _each(parts, joint) if 1 < len(parts) <= MOST_PARTS else None
        if words is not None and len(words) > 1:
            return reduce(_joined()[joint].format, words)
    return _matched(text, PIECE) or text


def _each(parts: list[str], joint: str) -> list[str] | None:
    """The parts in Chinese, where a part may hold the joint itself; None when one is not known."""
    if not parts:
        return []
    for end in range(1, len(parts) + 1):
        said = _matched(joint.join(parts[:end]), PIECE)
        rest = _each(parts[end:], joint) if said is not None else None
        if said is not None and rest is not None:
            return [said, *rest]
    return None
