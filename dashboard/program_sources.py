"""The program's source as its texts see it: what an expression of a file can be, as templates.

A text is followed through variables, parameters, alternatives, constants and helper functions until it is a template:
f"{n:,} files" is "{0:n} files". A hole is {0} (any text), {0:n} (a number), {0:q} (something quoted by repr)
or {0:x} (a name of the reader's own, known by what the variable is called).
`program_texts.py` says which expressions are followed.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice, product

NUMERIC = re.compile(r"[,%defgn]$")
OWN = re.compile(r"(^|[._])(file|filename|name|path|stem|code|column|external_id|text|version)$|^\w+\[\d\]$")
STATEMENT = re.compile(
    r"\s*(SELECT|INSERT INTO|UPDATE|DELETE FROM|CREATE|WITH|FROM)\s"
)  # functions are followed by their bare names
DEPTH, MOST = 12, 40
FEW, ALONE = 3, 8  # alternatives that are written out where a text has several holes, or one

Function = ast.FunctionDef | ast.AsyncFunctionDef
Part = tuple[bool, str]  # (is a hole, its kind or the text)
Text = tuple[Part, ...]
HOLE: Text = ((True, ""),)


@dataclass(frozen=True)
class Module:
    """One file: its functions by name, its constants by name, and what encloses each node."""

    name: str
    tree: ast.Module
    functions: dict[str, list[Function]]
    constants: dict[str, ast.expr]
    above: dict[ast.AST, ast.AST]

    @classmethod
    def of(cls, name: str, source: str) -> Module:
        """Read a file's text."""
        tree = ast.parse(source)
        functions: dict[str, list[Function]] = {}
        above: dict[ast.AST, ast.AST] = {}
        for node in ast.walk(tree):
            if isinstance(node, Function):
                functions.setdefault(node.name, []).append(node)
            above.update(dict.fromkeys(ast.iter_child_nodes(node), node))
        constants = {}
        for node in tree.body:
            if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
                constants[node.targets[0].id] = node.value
            elif isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name) and node.value:
                constants[node.target.id] = node.value
        return cls(name, tree, functions, constants, above)

    def function_of(self, node: ast.AST) -> Function | None:
        """The innermost named function a node stands in."""
        above = self.above.get(node)
        while above is not None and not isinstance(above, Function):
            above = self.above.get(above)
        return above


class Reader:
    """Follows texts to their templates. `pieces` collects the templates that stand inside others."""

    def __init__(self, files: list[Module]) -> None:
        self._files = files
        self._calls: dict[str, list[tuple[Module, ast.Call]]] = {}
        self._read: dict[
            tuple[ast.AST, int], list[Text]
        ] = {}  # what was followed before: callers share most of their ways
        self.pieces: dict[str, set[str]] = {}
        for module in files:
            for node in ast.walk(module.tree):
                if isinstance(node, ast.Call):
                    self._calls.setdefault(called(node).rsplit(".", 1)[-1], []).append((module, node))

    def texts(self, node: ast.AST | None, module: Module, depth: int = 0) -> list[Text]:
        """The templates an expression can be; HOLE where nothing is known."""
        if depth > DEPTH or node is None:
            return [HOLE]
        if (node, depth) not in self._read:
            found = list(dict.fromkeys(islice(self._texts(node, module, depth), MOST)))
            self._read[node, depth] = found or [HOLE]
        return self._read[node, depth]

    def _texts(self, node: ast.AST, module: Module, depth: int) -> Iterator[Text]:
        def again(part: ast.AST) -> list[Text]:
            return self.texts(part, module, depth + 1)

        match node:
            case ast.Constant(value=str(text)):
                yield ((False, text),)
            case ast.JoinedStr(values=values):
                few = ALONE if sum(isinstance(part, ast.FormattedValue) for part in values) == 1 else FEW
                yield from _joined([self._field(part, module, depth, few) for part in values])
            case ast.FormattedValue():
                yield from self._field(node, module, depth)
            case ast.BinOp(op=ast.Add(), left=left, right=right):
                yield from _joined([again(left), again(right)])
            case ast.IfExp(body=body, orelse=orelse):
                yield from (*again(body), *again(orelse))
            case ast.BoolOp(values=values):
                yield from (one for part in values for one in again(part))
            case ast.Name(id=name):
                yield from self._named(name, node, module, depth)
            case ast.Subscript(value=ast.Name(id=name)) if isinstance(module.constants.get(name), ast.Dict):
                yield from (one for part in _values(module.constants[name]) for one in again(part))
            case ast.Subscript(value=ast.Subscript(value=ast.Name(id=name)), slice=ast.Constant(value=int(at))) if (
                isinstance(module.constants.get(name), ast.Dict)
            ):
                yield from (one for part in _values(module.constants[name]) for one in again(_item(part, at)))
            case ast.Call():
                yield from self._returned(node, module, depth)
            case _:
                yield HOLE

    def _field(self, node: ast.AST, module: Module, depth: int, few: int = FEW) -> list[Text]:
        """One part of an f-string: its words where they are few, else a hole, and its words as pieces."""
        if not isinstance(node, ast.FormattedValue):
            return self.texts(node, module, depth + 1)
        spec = _spec(node.format_spec) if node.format_spec else ""
        if node.conversion == ord("r"):
            return [((True, "q"),)]
        if NUMERIC.search(spec) or _counts(node.value):
            return [((True, "n"),)]
        inner = self.texts(node.value, module, depth + 1)
        if len(inner) <= few and all(says(one) or one in ((), ((False, ""),)) for one in inner):
            return inner
        for one in inner:
            self._piece(one, module)
        return [((True, "x"),)] if inner == [HOLE] and OWN.search(ast.unparse(node.value)) else [HOLE]

    def _named(self, name: str, node: ast.AST, module: Module, depth: int) -> Iterator[Text]:
        function = module.function_of(node)
        while function is not None:
            given = list(_assigned(function, name))
            for value in _added(function, name):  # "…; and more": the parts are joined again where they are said
                for one in self.texts(value, module, depth + 1):
                    self._piece(one, module)
            for value in given:
                yield from self.texts(value, module, depth + 1)
            if given:
                return
            if name in (arguments := [arg.arg for arg in (*function.args.args, *function.args.kwonlyargs)]):
                yield from self._passed(function, arguments, name, depth)
                return
            function = module.function_of(function)
        homes = [one for one in (module, *self._files) if name in one.constants and (name.isupper() or one is module)]
        yield from self.texts(homes[0].constants[name], homes[0], depth + 1) if homes else [HOLE]

    def _passed(self, function: Function, arguments: list[str], name: str, depth: int) -> Iterator[Text]:
        """What callers pass for a parameter, and its default."""
        callers = self._calls.get(function.name, []) if function.name != "__init__" else []
        home = next(file for file in self._files if function in file.functions.get(function.name, []))
        for default in _default(function, name):
            yield from self.texts(default, home, depth + 1)
        for module, call in callers:
            positions = arguments[1:] if arguments[0] in {"self", "cls"} else arguments
            at = positions.index(name) if name in positions else len(call.args)
            keyword = next((one.value for one in call.keywords if one.arg == name), None)
            value = keyword or (call.args[at] if at < len(call.args) else None)
            if value is not None:
                yield from self.texts(value, module, depth + 1)
        if not callers:
            yield HOLE

    def _returned(self, node: ast.Call, module: Module, depth: int) -> Iterator[Text]:
        """What a helper of ours returns; the words that are joined to a list become pieces."""
        if isinstance(node.func, ast.Attribute) and node.func.attr == "join" and len(node.args) == 1:
            for element in _elements(node.args[0], module):
                for one in self.texts(element, module, depth + 1):
                    self._piece(one, module)
        elif isinstance(node.func, ast.Attribute) and node.func.attr == "get" and isinstance(node.func.value, ast.Name):
            for choice in (*_values(module.constants.get(node.func.value.id)), *node.args[1:]):
                yield from self.texts(choice, module, depth + 1)
            return
        elif isinstance(node.func, ast.Name):
            for file in [module] if node.func.id in module.functions else self._files:
                for function in file.functions.get(node.func.id, []):
                    for part in ast.walk(function):
                        if isinstance(part, ast.Return) and part.value is not None:
                            yield from self.texts(part.value, file, depth + 1)
            return
        yield HOLE

    def _piece(self, text: Text, module: Module) -> None:
        if says(text):
            self.pieces.setdefault(template(text).removeprefix("; "), set()).add(module.name)


def _spec(node: ast.expr) -> str:
    """How a hole is formatted: ",.0f"."""
    return "".join(str(one.value) for one in ast.walk(node) if isinstance(one, ast.Constant))


def called(node: ast.Call) -> str:
    """What is called, by its last two names at most."""
    return ".".join(ast.unparse(node.func).split(".")[-2:])


def _values(node: ast.expr | None) -> list[ast.expr]:
    return list(node.values) if isinstance(node, ast.Dict) else []


def _counts(node: ast.expr) -> bool:
    return isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in {"len", "round", "sum"}


def _joined(parts: list[list[Text]]) -> Iterator[Text]:
    for chosen in product(*parts):
        yield tuple(part for one in chosen for part in one)


def says(text: Text) -> bool:
    """Whether it says something: a word of letters outside its holes, and no statement of the store's language."""
    if text and not text[0][0] and STATEMENT.match(text[0][1]):
        return False
    return any(not hole and re.search(r"[A-Za-z]{2}", part) for hole, part in text)


def _assigned(function: Function, name: str) -> Iterator[ast.expr]:
    """The values a local name is given."""
    for node in ast.walk(function):
        if isinstance(node, ast.Assign):
            for target in node.targets:
                if isinstance(target, ast.Name) and target.id == name:
                    yield node.value
                elif isinstance(target, ast.Tuple):
                    for at, one in enumerate(target.elts):
                        if isinstance(one, ast.Name) and one.id == name:
                            yield _item(node.value, at)
        elif isinstance(node, (ast.AnnAssign, ast.NamedExpr)) and node.value and ast.unparse(node.target) == name:
            yield node.value


def _default(function: Function, name: str) -> Iterator[ast.expr]:
    """What a parameter is where nothing is passed."""
    given = function.args
    yield from (value for arg, value in zip(given.args[::-1], given.defaults[::-1], strict=False) if arg.arg == name)
    yield from (
        value for arg, value in zip(given.kwonlyargs, given.kw_defaults, strict=True) if arg.arg == name and value
    )


def _added(function: Function, name: str) -> list[ast.expr]:
    """What is added to a local name."""
    added = [node for node in ast.walk(function) if isinstance(node, ast.AugAssign)]
    return [node.value for node in added if ast.unparse(node.target) == name]


def _item(node: ast.expr, at: int) -> ast.expr:
    """What stands at a place of a tuple, or of the tuple an expression gives."""
    if isinstance(node, ast.Tuple):
        return node.elts[at]
    return ast.Subscript(value=node, slice=ast.Constant(at), ctx=ast.Load())


def _elements(node: ast.expr, module: Module) -> list[ast.expr]:
    """What a list that is joined is made of."""
    if isinstance(node, (ast.GeneratorExp, ast.ListComp)):
        return [node.elt]
    if isinstance(node, (ast.List, ast.Tuple)):
        return list(node.elts)
    function = module.function_of(node)
    if isinstance(node, ast.Name) and function is not None:
        return [part for value in _assigned(function, node.id) for part in _elements(value, module)]
    return []


def template(text: Text) -> str:
    """Parts as a format string with numbered holes."""
    said, number = "", 0
    for hole, part in text:
        if hole:
            said += f"{{{number}:{part}}}" if part else f"{{{number}}}"
            number += 1
        else:
            said += part.replace("{", "{{").replace("}", "}}")
    return said
