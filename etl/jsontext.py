"""Reading JSON piece by piece, so that a file of a million records needs the memory of one.

Values are decoded by Python's own decoder, one array element at a time; numbers keep the text they were written
with, because 42.30 and 00123 must come out as they went in.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from json.decoder import JSONDecodeError
from typing import Any

from data.errors import FileError
from etl.fileoptions import MEGABYTE

_DECODER = json.JSONDecoder(parse_float=str, parse_int=str, parse_constant=str)
_SPACE = " \t\r\n\ufeff"


class JsonText:
    """A cursor over JSON text that arrives in pieces of (text, bytes read so far)."""

    def __init__(
        self, pieces: Iterator[tuple[str, int]], where: str, limit: int, moved: Callable[[int], None] | None = None
    ) -> None:
        self._pieces, self._where, self._limit, self._moved = pieces, where, limit, moved
        self._text, self._at, self._before, self._ended = "", 0, 0, False

    def peek(self) -> str:
        """The next character that is not white space, "" at the end."""
        while True:
            while self._at < len(self._text) and self._text[self._at] in _SPACE:
                self._at += 1
            if self._at < len(self._text):
                return self._text[self._at]
            if not self._more():
                return ""

    def take(self, expected: str) -> str:
        """The next character, which must be one of `expected`."""
        found = self.peek()
        if not found or found not in expected:
            raise self._wrong(f"{expected[0]!r} is expected, {found!r} found" if found else "the text ends too early")
        self._at += 1
        return found

    def value(self) -> Any:
        """The next value as a whole."""
        self.peek()
        while True:
            try:
                value, end = _DECODER.raw_decode(self._text, self._at)
            except RecursionError:
                raise FileError(
                    "the JSON is nested too deeply", where=self._where, todo="This is not a list of records."
                ) from None
            except JSONDecodeError as error:
                if self._cut_off(error) and self._more():
                    continue
                self._at = error.pos
                ended = error.pos >= len(self._text.rstrip()) or error.msg.startswith("Unterminated string")
                raise self._wrong("the text ends too early" if ended else error.msg) from None
            # A number that ends where the piece ends may go on in the next.
            if end == len(self._text) and self._more():
                continue
            self._at = end
            return value

    def elements(self) -> Iterator[None]:
        """Walk the array that comes next: the cursor stands before an element each time."""
        self.take("[")
        if self.peek() == "]":
            self.take("]")
            return
        while True:
            yield
            if self.take(",]") == "]":
                return

    def members(self) -> Iterator[str]:
        """Walk the object that comes next: its keys, with the cursor before the value each time."""
        self.take("{")
        if self.peek() == "}":
            self.take("}")
            return
        while True:
            if self.peek() != '"':
                raise self._wrong("a key in quotes is expected")
            key = str(self.value())
            self.take(":")
            yield key
            if self.take(",}") == "}":
                return

    def _cut_off(self, error: JSONDecodeError) -> bool:
        """Whether the error may only be that the rest has not been read."""
        if len(self._text) - self._at > self._limit:
            raise FileError(
                f"one record is longer than {self._limit / MEGABYTE:g} MB", where=self._where, todo="Check the file."
            )
        return error.msg.startswith("Unterminated string") or len(self._text) - error.pos < 16

    def _more(self) -> bool:
        if self._ended:
            return False
        piece = next(self._pieces, None)
        if piece is None:
            self._ended = True
            return False
        self._before += self._at
        self._text, self._at = self._text[self._at :] + piece[0], 0
        if self._moved is not None:
            self._moved(piece[1])
        return True

    def _wrong(self, what: str) -> FileError:
        return FileError(
            f"the JSON is damaged at character {self._before + self._at + 1:,}: {what}",
            where=self._where,
            todo="Fetch or export it again.",
        )
