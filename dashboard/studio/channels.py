"""The studio's channel: which line a draft's journal has come to, so that whoever looks at it asks for what is new.

A page follows '?draft=ID'. What changed is asked for by the page (`/studio/drafts/ID/since`): it is the same for everybody, but
what a planner may do with it is not.
"""

from __future__ import annotations

from urllib.parse import parse_qs, urlencode

from dashboard.live.channels import Channel, Shown
from data.actors import ADMINISTRATOR, LEADER, PLANNER, Actor
from data.draft_journal import mark
from data.store import Store

PART, DRAFT = "studio", "draft"
TICKS = {PART: 0.5}
ROLES = (PLANNER, LEADER, ADMINISTRATOR)


def is_studio(search: str) -> bool:
    """Whether a query is a draft's."""
    return DRAFT in parse_qs(search.lstrip("?"))


def channels(search: str, language: str, actor: Actor) -> tuple[Channel, ...]:
    """The draft's channel; none for whoever may not see drafts."""
    number = parse_qs(search.lstrip("?"))[DRAFT][-1]
    if not number.isdigit() or not actor.has(*ROLES):
        return ()
    return (Channel(PART, urlencode({DRAFT: number}), language),)


def shown(store: Store, search: str) -> Shown:
    """The draft's last line, state and remarks as one mark."""
    return Shown.of({"mark": mark(store, int(parse_qs(search)[DRAFT][-1]))})
