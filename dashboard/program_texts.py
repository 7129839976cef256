"""Every English text the program can say, found by reading its source: what `said.py` must have words for.

Errors, reasons for rows left out, warnings, what a check found and the steps of long work are said in English, in the
middle of the work, where no reader's language is known; the store and the command line keep them so. Asking each of those
places to mark its texts would be forgotten once a week, so they are found instead: every file is searched for the calls
that say something (`SAYS`). `BESIDE` lists what stands in SQL or comes from libraries.

A template has a context: none for a sentence, "piece" for what stands inside others (and the reasons, which a summary
quotes), "where" for what says where it is wrong.
"""

from __future__ import annotations

import ast
import inspect
from collections.abc import Callable, Iterator
from functools import lru_cache
from string import Formatter

from babel.messages import Catalog
from babel.messages.pofile import read_po, write_po

from dashboard.languages import CREATED, LOCALE, ROOT
from dashboard.program_sources import Module, Reader, called, says, template
from data import errors

ROOMS = ("data", "etl", "planning", "layers", "dashboard")
CATALOGUE = LOCALE / "zh" / "LC_MESSAGES" / "program.po"
SENTENCE, PIECE, WHERE = "", "piece", "where"
ERRORS = [name for name, one in inspect.getmembers(errors, inspect.isclass) if issubclass(one, Exception)]
Argument = tuple[int | None, str, str]  # its place in the call, its keyword, the context of what it says
Key = tuple[str, str]  # context, template

SAYS: dict[str, tuple[Argument, ...]] = {
    **dict.fromkeys(ERRORS, ((0, "what", SENTENCE), (None, "where", WHERE), (None, "todo", SENTENCE))),
    "ValueError": ((0, "", PIECE),),  # a validator's, told inside a MappingError
    "BadRow": ((2, "rule", PIECE),),
    "faults.add": ((2, "rule", PIECE),),
    "Violation": ((1, "text", SENTENCE),),
    "Flaw": ((2, "text", SENTENCE),),
    "Reason": ((3, "text", SENTENCE),),
    "step": ((0, "label", SENTENCE),),
    "warnings.append": ((0, "", SENTENCE),),
    "told.append": ((0, "", SENTENCE),),
}

BESIDE: dict[str, tuple[str, ...]] = {
    "how parts are joined": ("{0}; {1}", "{0}, {1}", "{0} or {1}", "{0}."),
    "data/drafts.py": ("drawing", "review", "approved", "effective", "withdrawn"),
    "data/matching.py": ("same id, different content",),
    "data/ledger.py": ("line missing", "line changed", "no case", "no ledger", "end cut off"),
    "data/check_places.py": (
        *("district {0}", "street {0}", "community {0}", "grid {0}", "micro_grid {0}", "estate {0}", "building {0}"),
        *("block {0}", "facility {0}", "from {0}", "draft {0}"),
    ),
    "names that stand for themselves": (
        *(
            "district",
            "street",
            "community",
            "grid",
            "micro_grid",
            "estate",
            "building",
            "block",
            "facility",
            "place",
            "places",
        ),
        *("plan", "draft", "retired", "active", "reported", "registered", "dispatched", "accepted", "handled"),
        *("verified", "closed", "returned", "redispatched", "urged", "reworked", "reopened", "extended", "suspended"),
        *("resumed", "voided", "escalated", "rated", "excluded", "included", "corrected", "due", "called_back"),
        *("operator", "dispatcher", "unit_handler", "grid_worker", "leader", "planner", "administrator", "program"),
    ),
    "pydantic": (
        *("Field required", "Input should be {0}", "Input should be a valid {0}", "Extra inputs are not permitted"),
        *("Input should be a valid string", "Input should be a valid number", "Input should be a valid boolean"),
        *("Input should be a valid dictionary", "Input should be a valid tuple", "Input should be a valid integer"),
        "Input should be a valid dictionary or instance of {0}",
        "Input should be a valid integer, unable to parse string as an integer",
        "Input should be a valid number, unable to parse string as a number",
        "Input should be a valid boolean, unable to interpret input",
        *("Input should be greater than {0}", "Input should be greater than or equal to {0}"),
        "Tuple should have at least {0} item after validation, not {1}",
    ),
    "shapely and zipfile": (
        *(
            "Self-intersection[{0}]",
            "Ring Self-intersection[{0}]",
            "Hole lies outside shell[{0}]",
            "Nested shells[{0}]",
        ),
        *("Too few points in geometry component[{0}]", "Interior is disconnected[{0}]", "Duplicate Rings[{0}]"),
        *("Point", "MultiPoint", "LineString", "MultiLineString", "LinearRing", "File is not a zip file"),
    ),
    "the operating system": (
        *("No such file or directory", "Permission denied", "Is a directory", "No space left on device"),
        *("Read-only file system", "File name too long", "Input/output error", "Not a directory"),
    ),
}


def modules() -> list[Module]:
    """The files of the rooms."""
    paths = sorted(path for room in ROOMS for path in (ROOT / room).rglob("*.py"))
    return [Module.of(path.relative_to(ROOT).as_posix(), path.read_text("utf-8")) for path in paths]


def _said(module: Module) -> Iterator[tuple[ast.expr, str]]:
    """Every expression of a file that is said, and its context."""
    for node in ast.walk(module.tree):
        if isinstance(node, ast.Call):
            name = called(node)
            for place, keyword, context in SAYS.get(name) or SAYS.get(name.rsplit(".", 1)[-1]) or ():
                if place is not None and place < len(node.args):
                    yield node.args[place], context
                yield from ((one.value, context) for one in node.keywords if one.arg == keyword)
            if name == "repairs.append" and isinstance(node.args[0], ast.Tuple):
                yield node.args[0].elts[1], PIECE
        elif isinstance(node, ast.ListComp) and isinstance(node.elt, ast.Tuple):
            above = module.above.get(node)
            if isinstance(above, ast.Assign) and ast.unparse(above.targets[0]) == "repairs":
                yield node.elt.elts[1], PIECE
        elif isinstance(node, ast.Dict):
            told = {
                key.value: value
                for key, value in zip(node.keys, node.values, strict=True)
                if isinstance(key, ast.Constant)
            }
            if {"row", "what"} <= told.keys():
                yield told["what"], PIECE


def texts_in(files: list[Module]) -> dict[Key, set[str]]:
    """(context, template) -> the files it is said in."""
    reader = Reader(files)
    found: dict[Key, set[str]] = {}
    for module in files:
        for node, context in _said(module):
            for text in reader.texts(node, module):
                if says(text):
                    found.setdefault((context, template(text)), set()).add(module.name)
    for said, names in reader.pieces.items():
        found.setdefault((PIECE, said), set()).update(names)
    return found


@lru_cache(maxsize=1)
def texts_of_program() -> dict[Key, set[str]]:
    """Every template of the program."""
    found = texts_in(modules())
    for home, texts in BESIDE.items():
        for text in texts:
            found.setdefault((PIECE, text), set()).add(home)
    return found


def chinese() -> dict[Key, str]:
    """Every template that has been translated."""
    with CATALOGUE.open("rb") as file:
        return {(m.context or "", str(m.id)): str(m.string) for m in read_po(file, locale="zh") if m.id and m.string}


def holes(text: str) -> list[str]:
    """The names of a template's holes: "{0} of {1:n}" -> ["0", "1"]."""
    return [name for _, name, _, _ in Formatter().parse(text) if name is not None]


def gather(echo: Callable[[str], None] = print) -> None:
    """Bring the catalogue up to date with the code: new texts added, unused ones dropped, translations kept."""
    known = chinese() if CATALOGUE.exists() else {}
    catalogue = Catalog(locale="zh", project="Jingwei", fuzzy=False, creation_date=CREATED)
    texts = texts_of_program()
    for (context, text), homes in sorted(texts.items()):
        catalogue.add(
            text, known.get((context, text), ""), [(home, 0) for home in sorted(homes)], context=context or None
        )
    with CATALOGUE.open("wb") as file:
        write_po(file, catalogue, include_lineno=False, sort_output=True, width=120)
    missing = [text for key in texts if key not in known for text in key[1:]]
    echo(f"{CATALOGUE.relative_to(ROOT)}: {len(texts)} texts" + (f", to translate: {missing}" if missing else ""))
