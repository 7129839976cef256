"""The bulletin's definition: its masthead, parts, closing lines and schedule, as TOML a city can make its own."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from dashboard.languages import language
from data.definitions import FOLDER, read_as, text_of
from data.errors import InputError
from data.kinds import Part

SHIPPED = Path(__file__).parent
OWN = "bulletin"
FILE = "bulletin.toml"
WORD = "bulletin.{language}.docx"
SectionKey = Literal["overview", "streets", "map", "categories", "units", "three_rates", "overdue"]


class Words(Part):
    """A text in both languages."""

    zh: str
    en: str

    def said(self, **values: object) -> str:
        """In the reader's language, its {names} filled in. Raises InputError for a name there is not."""
        text = self.en if language() == "en" else self.zh
        try:
            return text.format(**values)
        except (KeyError, IndexError, ValueError):
            raise InputError(
                f"{text!r} has a name in braces that there is not.",
                where=FILE,
                todo=f"There are {', '.join(f'{{{name}}}' for name in values)}.",
            ) from None


class Masthead(Part):
    """What stands above the line."""

    monthly: Words
    weekly: Words
    other: Words
    issue: Words
    issuer: Words


class Content(Part):
    """Which parts, and how many rows of each are printed."""

    sections: list[SectionKey] = Field(min_length=1)
    categories: int = Field(10, ge=3, le=50)
    units: int = Field(15, ge=3, le=100)
    overdue: int = Field(10, ge=3, le=100)


class Closing(Part):
    """A line at the end."""

    name: Words
    text: Words


class Turn(Part):
    """When one is issued, and of which places. day: of the month, or of the week."""

    places: list[str] = Field(default_factory=list)
    day: int = Field(1, ge=1, le=28)
    hour: int = Field(8, ge=0, le=23)


class Schedule(Part):
    """What is issued by itself."""

    language: Literal["zh", "en"] = "zh"
    monthly: Turn = Turn()
    weekly: Turn = Turn()


class Pdf(Part):
    """The PDF's look."""

    colour: Annotated[str, StringConstraints(pattern=r"^#[0-9A-Fa-f]{6}$")] = "#C00000"


class Template(Part):
    """All of it."""

    masthead: Masthead
    content: Content
    closing: list[Closing] = Field(default_factory=list)
    schedule: Schedule = Schedule()
    pdf: Pdf = Pdf()


def template(home: Path) -> Template:
    """The city's own, else the shipped one. Raises InputError naming file and key path."""
    own = home / FOLDER / OWN / FILE
    path = own if own.is_file() else SHIPPED / FILE
    found = text_of("bulletin/bulletin", path, shipped=path != own)
    return read_as(Template, found.body, found.where)


def word_template(home: Path, code: str) -> Path:
    """The Word template of a language: the city's own, else the shipped one."""
    own = home / FOLDER / OWN / WORD.format(language=code)
    return own if own.is_file() else SHIPPED / WORD.format(language=code)
