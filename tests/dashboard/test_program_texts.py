from __future__ import annotations

import re
from pathlib import Path

from dashboard.program_sources import Module
from dashboard.program_texts import (
    CATALOGUE,
    PIECE,
    SENTENCE,
    WHERE,
    chinese,
    gather,
    holes,
    texts_in,
    texts_of_program,
)
from data.figure_catalogue import CATALOGUE as FIGURES

# A bracket or comma of half width between Chinese characters, and a space that only pulls them apart.
HALF_WIDTH = re.compile(r"[\u4e00-\u9fff][,;:!?()]|[,;:!?()][\u4e00-\u9fff]")
LETTER_SPACED = re.compile(r"[\u4e00-\u9fff] [\u4e00-\u9fff]")

SOURCE = """
from data.errors import FileError, MappingError
READ = "CSV or XLSX"
KINDS = {"pdf": ("a PDF", "Print it.")}

def closed(where, near="row"):
    raise FileError(f"a {near} is not closed{_more(2)}", where=f"{where}, row {row:,}", todo=f"Give {READ}.")

def _more(n):
    return f"; {n:,} more are open" if n else ""

def listed(found, kind, faults):
    what, todo = KINDS[kind]
    parts = ", ".join(f'"{name}" of {len(one)} rows' for name, one in found)
    raise MappingError(f"the file is {what}: {parts} at {kind!r}", where=str(found), todo=todo)

def fine(faults):
    closed(faults)
    faults.add(rows, None, "no id" if rows else "no time")
    print("not said to anyone")
"""


def found_in(source: str) -> set[tuple[str, str]]:
    return set(texts_in([Module.of("etl/made_up.py", source)]))


def test_texts_are_followed_through_variables_helpers_constants_and_lists() -> None:
    assert found_in(SOURCE) == {
        (SENTENCE, "a row is not closed; {0:n} more are open"),
        (SENTENCE, "a row is not closed"),
        (WHERE, "{0}, row {1:n}"),
        (SENTENCE, "Give CSV or XLSX."),
        (SENTENCE, "the file is a PDF: {0} at {1:q}"),
        (SENTENCE, "Print it."),
        (PIECE, '"{0:x}" of {1:n} rows'),
        (PIECE, "no id"),
        (PIECE, "no time"),
    }


def test_a_new_error_is_found() -> None:
    assert found_in('raise NotFound(f"there is no bridge {code!r}.", todo="Build one.")') == {
        (SENTENCE, "there is no bridge {0:q}."),
        (SENTENCE, "Build one."),
    }


def test_every_text_of_the_program_has_chinese_words() -> None:
    missing = {key: sorted(homes) for key, homes in texts_of_program().items() if key not in chinese()}
    assert missing == {}, "run `python -m dashboard.languages` and fill in program.po"


def test_no_words_are_left_over() -> None:
    assert set(chinese()) - set(texts_of_program()) == set()


def test_a_translation_has_the_holes_of_its_text() -> None:
    wrong = {text: words for (_, text), words in chinese().items() if set(holes(text)) != set(holes(words))}
    assert {text for text in wrong if not text.startswith("Input should be a valid dictionary or")} == set()


def test_chinese_words_use_chinese_punctuation() -> None:
    texts = [*chinese().values(), *(figure.formula_zh for figure in FIGURES.values())]
    plain = [re.sub(r"`[^`]*`|\{\d[^}]*\}", "", text) for text in texts]
    assert [text for text in plain if HALF_WIDTH.search(text) or LETTER_SPACED.search(text)] == []


def test_gathering_keeps_what_is_translated(monkeypatch, tmp_path: Path) -> None:
    copy = tmp_path / "program.po"
    copy.write_bytes(CATALOGUE.read_bytes())
    before = chinese()
    monkeypatch.setattr("dashboard.program_texts.CATALOGUE", copy)
    monkeypatch.setattr("dashboard.program_texts.ROOT", tmp_path)
    lines: list[str] = []
    monkeypatch.setattr(
        "dashboard.program_texts.texts_of_program", lambda: {(PIECE, "no id"): {"etl/x.py"}, (SENTENCE, "oh"): {"a"}}
    )
    gather(lines.append)
    assert lines == ["program.po: 2 texts, to translate: ['oh']"]
    assert chinese() == {(PIECE, "no id"): before[PIECE, "no id"]}
