from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from dashboard.languages import LANGUAGES, ROOMS, ROOT, _, safe_target, texts_in_code, use, words

CJK = re.compile(r"[\u3400-\u9fff\uff00-\uffef\u3000-\u303f]")
OWN_NAMES = set(LANGUAGES.values())  # a language's own name for itself
FIELDS = re.compile(r"\{(\w*)\}")


def unmarked(source: str) -> list[tuple[int, str]]:
    """Chinese literals outside _() and marked(); docstrings and comments are for us."""
    tree = ast.parse(source)
    marked: set[int] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in {"_", "marked"}:
            marked.update(id(part) for part in ast.walk(node))
        elif isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
            marked.add(id(node.value))
    return [
        (node.lineno, node.value)
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant)
        and isinstance(node.value, str)
        and CJK.search(node.value)
        and id(node) not in marked
        and node.value not in OWN_NAMES
    ]


@pytest.mark.parametrize(
    "path", sorted(p for room in ROOMS for p in (ROOT / room).rglob("*.py")), ids=lambda p: str(p.relative_to(ROOT))
)
def test_every_chinese_text_is_marked_for_translation(path: Path) -> None:
    assert [found for found in unmarked(path.read_text("utf-8")) if path.name != "server.py"] == []


def test_an_unmarked_text_is_found() -> None:
    assert unmarked('x = "网格"\ny = _("网格")\nz = marked("街道")') == [(1, "网格")]


@pytest.mark.parametrize("code", LANGUAGES)
def test_every_text_has_words_in_every_language_and_no_word_is_left_over(code: str) -> None:
    assert set(texts_in_code()) == set(words(code))


def test_no_english_text_is_still_chinese() -> None:
    assert {text: english for text, english in words("en").items() if CJK.search(english)} == {}


def test_translations_keep_the_fields() -> None:
    assert {t: e for t, e in words("en").items() if sorted(FIELDS.findall(t)) != sorted(FIELDS.findall(e))} == {}


def test_the_cookie_chooses_the_language(client: TestClient) -> None:
    client.cookies.set("language", "en")
    assert '<html lang="en">' in client.get("/").text
    client.cookies.set("language", "zh")
    assert '<html lang="zh-CN">' in client.get("/").text
    client.cookies.set("language", "xx")
    assert '<html lang="zh-CN">' in client.get("/").text


def test_switching_sets_the_cookie_and_goes_back(client: TestClient) -> None:
    answer = client.get("/language/en?next=/%3Flevel=grid", follow_redirects=False)
    assert (answer.status_code, answer.headers["location"]) == (303, "/?level=grid")
    assert "language=en" in answer.headers["set-cookie"]


@pytest.mark.parametrize(
    "target",
    [
        "https://evil.example/",
        "//evil.example",
        "/\\evil.example",
        "/..//evil.example",
        "javascript:alert(1)",
        "evil",
        "/\t/evil.example",
        "/\r\nx: y",
        "",
    ],
)
def test_switching_never_leads_to_another_host(client: TestClient, target: str) -> None:
    assert safe_target(target) == "/"
    assert client.get("/language/en", params={"next": target}, follow_redirects=False).headers["location"] == "/"


def test_a_text_is_shown_in_the_language_in_use() -> None:
    assert _("网格") == "网格"
    use("en")
    assert _("网格") == "Grid"
    assert _("没有翻译过的文字") == "没有翻译过的文字"
