"""The episodes that are offered for playback: the year's busiest hours, computed from the data; in the demo its rainstorms by name."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from dashboard.languages import _
from dashboard.playback.asked import link
from dashboard.questions import kept
from data.episodes import Episode, episodes
from data.periods import to_minute
from data.store import Store
from etl.demo_time import storms

BEFORE, AFTER = timedelta(hours=1), timedelta(hours=3)  # shown beside the episode itself
MINUTES = 3  # a playback lasts


def told(store: Store, place: str = "") -> list[dict[str, Any]]:
    """Each with its name, what it was about, and the link that plays it in three minutes."""
    hour = to_minute(store.now()).replace(minute=0)
    found = kept((str(store.path), "episodes", hour), lambda: episodes(store))
    known = storms(store)
    return [_told(one, store, known, place) for one in found]


def _told(one: Episode, store: Store, known: list[datetime], place: str) -> dict[str, Any]:
    start, end = ((one.start - BEFORE).astimezone(store.zone), min(one.end + AFTER, store.now()).astimezone(store.zone))
    named = any(one.start - timedelta(hours=1) <= storm < one.end for storm in known)
    day = one.start.astimezone(store.zone)
    date = _("{month} 月 {day} 日").format(month=day.month, day=day.day)
    name = _("{date}暴雨") if named else _("{date}高峰")
    about = _("、").join(_("{name} {n} 件").format(name=category, n=n) for category, n in one.leading)
    return {
        "name": name.format(date=date),
        "when": f"{day:%Y-%m-%d %H:%M} – {one.end.astimezone(store.zone):%H:%M}",
        "n": _("上报 {n} 件，平常 {usual} 件").format(n=f"{one.reported:,}", usual=f"{one.usual:,.0f}"),
        "about": about,
        "link": link(start, end, place=place, minutes=MINUTES),
    }
