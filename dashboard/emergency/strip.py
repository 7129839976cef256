"""The alarm strip: what is wrong and waits for somebody, over every page and on the walls. `assets/emergency/strip.js` fills it.

A wall embeds the same element with the code of its place; a device token sees no button.
"""

from __future__ import annotations

from html import escape

from dash import html

from dashboard.emergency.words import strip_words
from dashboard.languages import _


def layout() -> html.Div:
    """The strip for a page of Dash; hidden while there is nothing to say."""
    return html.Div(
        className="alarm-strip",
        hidden=True,
        role="region",
        **{"aria-label": _("告警"), "data-words": strip_words()},
    )


def markup(place: str = "") -> str:
    """The strip for a page of plain HTML. place: the code of the place whose alarms it shows."""
    return (
        f'<div class="alarm-strip" role="region" aria-label="{escape(_("告警"))}" data-place="{escape(place, quote=True)}" '
        f'data-words="{escape(strip_words(), quote=True)}" hidden></div>'
    )
