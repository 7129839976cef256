"""What a phone offers to choose from: categories with a picture each, the usual ones first, units and levels."""

from __future__ import annotations

import tomllib
from functools import cache
from pathlib import Path
from typing import Any

from dashboard.console.choices import lists
from dashboard.icons import data_uri
from dashboard.phone.sending import CHANNEL
from data.casework import usual_categories
from data.store import Store

Said = dict[str, Any]
USUAL = 8  # big buttons: two rows of four
OTHER = "tag"
FILE = Path(__file__).with_name("pictograms.toml")


def choices_said(store: Store) -> Said:
    """{"categories": [[id, name, above, icon]], "usual": [ids], "units", "level", "icons"}."""
    found = lists(store)
    categories = [[*one, pictogram(one[1], one[2])] for one in found["categories"]]
    return {
        "categories": categories,
        "usual": usual_categories(store, CHANNEL, USUAL) or [one[0] for one in categories[:USUAL]],
        "units": found["units"],
        "level": found["level"],
        "icons": {icon: data_uri(icon) for icon in sorted({one[3] for one in categories})},
    }


def pictogram(name: str, above: str) -> str:
    """The icon of a category, by its name, else by the one above it."""
    for text in (name, above):
        for icon, words in _pictograms():
            if any(word in text for word in words):
                return icon
    return OTHER


@cache
def _pictograms() -> list[tuple[str, list[str]]]:
    return [(one["icon"], one["words"]) for one in tomllib.loads(FILE.read_text("utf-8"))["pictogram"]]
