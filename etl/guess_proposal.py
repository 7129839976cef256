"""A proposed mapping: its lines with confidence and reason, as TOML to edit and as a table to read."""

from __future__ import annotations

import json
import unicodedata
from dataclasses import dataclass, field
from typing import Any

from etl.guess_questions import ask, leave_out
from etl.guess_reasons import Reason, say_all

KeyPath = tuple[str | int, ...]


@dataclass(frozen=True)
class Line:
    """One line of the proposal: key path, value as TOML, confidence 0 to 1, reason in words."""

    key: str
    value: str
    confidence: float
    reason: str


@dataclass(frozen=True)
class Proposal:
    """What a guess hands back. `mapping_text` is TOML to edit; `questions` are for a person to decide;
    `dropped` names the columns left out and why; `kind` is "tickets" or "places"."""

    mapping_text: str
    lines: list[Line]
    questions: list[str]
    dropped: list[str]
    kind: str


@dataclass
class Finding:
    """One line before it is written. Inactive ones are written behind a #."""

    key: KeyPath
    value: Any
    confidence: float
    reasons: list[Reason]
    active: bool = True


@dataclass
class Findings:
    """What has been found so far: lines in order, questions, columns left out, columns in use."""

    lines: list[Finding] = field(default_factory=list)
    questions: list[Reason] = field(default_factory=list)
    dropped: list[Reason] = field(default_factory=list)
    used: set[str] = field(default_factory=set)

    def add(
        self, *key: str | int, value: Any, confidence: float, reasons: list[Reason], active: bool = True
    ) -> Finding:
        """Put a line down."""
        finding = Finding(key, value, min(max(confidence, 0.0), 0.99), reasons, active)
        self.lines.append(finding)
        return finding

    def ask(self, code: str, **params: Any) -> None:
        """Put a question down, once."""
        if (code, params) not in self.questions:
            self.questions.append((code, params))

    def column(self, name: str) -> str | None:
        """The column mapped to a field, if any."""
        for line in self.lines:
            if line.key == ("fields", name) and line.active:
                value = line.value
                return value if isinstance(value, str) else value.get("column") or (value.get("columns") or [None])[0]
        return None


def build(findings: Findings, kind: str, head: list[Finding], language: str) -> Proposal:
    """The proposal in the words of a language ("en" or "zh")."""
    lines = [*head, *findings.lines]
    shown = [
        Line(_path(line.key), toml(line.value), round(line.confidence, 2), say_all(line.reasons, language))
        for line in lines
        if line.active
    ]
    questions = [ask(question, language) for question in findings.questions]
    dropped = [leave_out(reason, language) for reason in findings.dropped]
    return Proposal(_text(lines, questions, dropped, language), shown, questions, dropped, kind)


def toml(value: Any) -> str:
    """A value as TOML on one line."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (int, float)):
        return f"{value:g}" if isinstance(value, float) else str(value)
    if isinstance(value, (list, tuple)):
        return "[" + ", ".join(toml(item) for item in value) + "]"
    if isinstance(value, dict):
        return "{ " + ", ".join(f"{_bare(key)} = {toml(item)}" for key, item in value.items()) + " }"
    return json.dumps(str(value), ensure_ascii=False).replace("\x7f", "\\u007f")


def _bare(key: str | int) -> str:
    text = str(key)
    plain = text.isascii() and text.replace("_", "a").replace("-", "a").isalnum()
    return text if plain else toml(text)


def _path(key: KeyPath) -> str:
    return ".".join(_bare(part) for part in key)


def _text(lines: list[Finding], questions: list[str], dropped: list[str], language: str) -> str:
    zh = language == "zh"
    head = ["# " + ("由文件推断的映射，请核对后使用。每行后面是把握（0 到 1）与理由。" if zh
            else "A mapping guessed from the file; look it over. Each line says how sure it is (0 to 1) and why.")]  # fmt: skip
    if questions:
        head += [
            "#",
            "# " + ("需要确认：" if zh else "To decide:"),
            *(f"#  {n}. {text}" for n, text in enumerate(questions, 1)),
        ]
    body: list[str] = []
    table: KeyPath = ()
    for line in sorted(lines, key=lambda line: _order(line.key)):
        here = line.key[:-1]
        if here != table:
            body += ["", _opening(here)] if here else []
            table = here
        comment = f"{line.confidence:.2f}: {say_all(line.reasons, language)}".rstrip(": ")
        body.append(f"{'' if line.active else '# '}{_bare(line.key[-1])} = {toml(line.value)}  # {_one_line(comment)}")
    tail = (
        ["", "# " + ("未采用的列：" if zh else "Columns left out:"), *(f"#   {_one_line(text)}" for text in dropped)]
        if dropped
        else []
    )
    return "\n".join([*(_one_line(text) for text in head), *body, *tail]) + "\n"


def _one_line(text: str) -> str:
    return "".join(" " if unicodedata.category(letter) in ("Cc", "Zl", "Zp") else letter for letter in text)


def _opening(key: KeyPath) -> str:
    if isinstance(key[-1], int):
        return f"[[{_path(key[:-1])}]]"
    return f"[{_path(key)}]"


_TABLES = ("file", "time", "fields", "location", "status", "on_time", "satisfaction", "contacted", "resolved",
           "service_level", "categories", "key", "geometry", "plan", "only")  # fmt: skip


def _order(key: KeyPath) -> tuple[int, ...]:
    """Plain keys first, then the tables in the order of the reference; a table before the tables inside it."""
    if len(key) == 1:
        return (-1,)
    numbers = [part for part in key if isinstance(part, int)]
    deep = 0 if len(key) == 2 else 1
    return (_TABLES.index(str(key[0])), deep, *numbers)


def render(proposal: Proposal, language: str = "en") -> str:
    """The proposal as a plain table for a terminal: confidence, line, reason; then questions and dropped columns."""
    zh = language == "zh"
    rows = [(f"{line.confidence:.2f}", f"{line.key} = {line.value}", line.reason) for line in proposal.lines]
    width = min(64, max((_width(row[1]) for row in rows), default=0))
    text = [f"{sure}  {_pad(line, width)}  {reason}" for sure, line, reason in rows]
    for title, items in ((("需要确认" if zh else "To decide"), proposal.questions),
                         (("未采用的列" if zh else "Columns left out"), proposal.dropped)):  # fmt: skip
        if items:
            text += ["", title, *(f"  - {item}" for item in items)]
    return "\n".join(text)


def _width(text: str) -> int:
    return sum(2 if unicodedata.east_asian_width(letter) in "WF" else 1 for letter in text)


def _pad(text: str, width: int) -> str:
    return text + " " * max(0, width - _width(text))
