"""The channels somebody follows: who, what each showed last, and when it may be asked again."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime

from dashboard.live.channels import PARTS, Channel, Shown
from dashboard.studio import channels as studio
from dashboard.wall import channels as walls

TICK = 1.0  # seconds between two looks at one channel, at least
TICKS = {"map": 0.25, "trend": 3.0, "distribution": 3.0, **walls.TICKS, **studio.TICKS}  # those of other parts
# A channel rests as many times as long as it took; all but the map as many times as long as all channels took together.
SHARE, REST = 3.0, 3.0
HOT, RARE_TICK = 32, 5.0

FIRST = ("map", "wall.map")  # they rest by their own cost alone: what somebody does is seen there first
ORDER = {part: number for number, part in enumerate(dict.fromkeys((*FIRST, *studio.TICKS, *walls.TICKS, *PARTS)))}

Write = Callable[[str], None]
State = tuple[int, datetime, str]  # what content is true for: the store's version, the minute, what is watched


@dataclass(eq=False)
class Screen:
    """A page with a socket. `write` takes a message and does not wait; it raises asyncio.QueueFull for one too slow."""

    write: Write
    end: Callable[[], None]
    channels: tuple[Channel, ...] = ()
    filters: tuple[tuple[str, tuple[str, ...]], ...] | None = None  # of the new tickets it shows; null shows none


@dataclass
class Kept:
    """A channel that somebody follows or asked about lately."""

    channel: Channel
    shown: Shown | None = None
    state: State | None = None
    cost: float = 0.0  # seconds it took last
    due: float = 0.0  # not before
    idle_until: float = 0.0  # not before, where nothing was written
    asked_at: float = 0.0
    looks: int = 0
    looking: asyncio.Lock = field(default_factory=asyncio.Lock)  # whoever asks meanwhile gets the same answer
    screens: set[Screen] = field(default_factory=set)
    behind: dict[Screen, str] = field(default_factory=dict)  # screens to be told everything unless they have this mark


def pace(part: str, cost: float, costs: float, *, hot: bool) -> float:
    """Seconds until a channel of this part may be asked again that cost `cost` seconds, of `costs` for all channels."""
    return max(TICKS.get(part, TICK) if hot else RARE_TICK, SHARE * cost, 0.0 if part in FIRST else REST * costs)


def hot(kept: Iterable[Kept]) -> set[Channel]:
    """The channels most screens follow, the latest asked first among equals."""
    ranked = sorted(kept, key=lambda one: (-len(one.screens), -one.asked_at))
    return {one.channel for one in ranked[:HOT]}
