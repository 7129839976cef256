"""Icons: Tabler's SVGs from assets/vendor, drawn in the colour of the text around them.

The SVG becomes a mask in a data URI, so an icon takes the text's colour in both themes, needs no request, and no script
fetches anything (dash-iconify asks a server on the internet at run time).
"""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path
from urllib.parse import quote

from dash import html

FOLDER = Path(__file__).parents[1] / "assets" / "vendor" / "tabler"


@cache
def data_uri(name: str) -> str:
    """The icon as a data URI; KeyError-like FileNotFoundError when it is not vendored."""
    svg = re.sub(r"\s+", " ", (FOLDER / f"{name}.svg").read_text("utf-8"))
    return "data:image/svg+xml," + quote(svg.replace("currentColor", "#000"), safe=" =:/'\"()")


def icon(name: str, *, label: str = "") -> html.Span:
    """An icon as wide as the text is high; `label` when it stands without words beside it."""
    spoken = {"role": "img", "aria-label": label} if label else {"aria-hidden": "true"}
    uri = data_uri(name).replace('"', "'")
    return html.Span(className="icon", style={"--icon": f'url("{uri}")'}, **spoken)
