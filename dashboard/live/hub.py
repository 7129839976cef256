"""The hub: which screens follow which channels, when a channel is worked out anew, and who is told.

After a commit, and once a minute by the deployment's clock (deadlines pass and days begin without anybody touching a case),
what the channels show may be another. Each is then asked again on one thread beside the event loop: a map four times a second at
most, charts every three seconds, and more rarely the more it costs; all but the map together take about a quarter of one thread at most.
32 of them are hot, those most screens follow; the others wait at least five seconds. What changed is written down once and goes
to every screen. Where nobody looks nothing is asked.

Why a socket of our own and not Dash's. A wall runs for months: Dash's socket lives in a shared worker, which browsers may
lack or let sleep, gives up after three minutes without a server, and turns every change into a callback. Here a page has
one socket, which it opens again whenever it is silent, and may ask for the very same messages by plain requests.
"""

from __future__ import annotations

import asyncio
import contextlib
import contextvars
import time
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from typing import Any

import structlog

from dashboard import choice as choices
from dashboard import warming
from dashboard.languages import use
from dashboard.live.channels import Channel, Shown, change, channels_of, whole, written
from dashboard.live.followed import FIRST, ORDER, TICK, Kept, Screen, State, hot, pace
from dashboard.live.parts import shown
from dashboard.studio import channels as studio
from dashboard.wall import channels as walls
from data.acting import acting
from data.clock import SimulatedClock
from data.errors import JingweiError
from data.news import arrivals, last_case
from data.on_map import newest_import
from data.periods import to_minute
from data.store import Store

log = structlog.get_logger(__name__)

TOGETHER = 0.15  # seconds in which all channels look at the same version of the store
CLOCK_TICK = 2.0  # where only time has passed: a simulated clock may pass many minutes a second
BEAT = 10.0  # seconds between two signs of life
FORGET = 60.0  # seconds a channel is kept that nobody follows: pages without a socket ask now and then
NOTHING = "none"  # the search of a page that only wants to know whether the server is there
MOST_SCREENS = 1000
MOST_WAITING = 64  # messages a slow screen may be behind


class Hub:
    """The channels of one running server. Everything but the counting happens on the event loop."""

    def __init__(self, build: str, ticks: Callable[[], float] = time.monotonic) -> None:
        self.build = build
        self.screens: set[Screen] = set()
        self.kept: dict[Channel, Kept] = {}
        self._ticks = ticks
        self._store: Store | None = None
        self._wake = asyncio.Event()
        self._worker = ThreadPoolExecutor(1, "live")
        self._last_case: int | None = None  # the last one told of; unknown while no screen shows new tickets
        self._news_of = -1
        self._told: tuple[tuple[int, str], float] = (
            (-1, ""),
            0.0,
        )  # version, what the watch says, and time of the last beat
        self._task: asyncio.Task[None] | None = None
        self._warming: asyncio.Task[None] | None = None
        self._newest: datetime | None = None
        self._newest_of, self._aged = -1, 0.0  # the version it was asked of, and when
        self._seen: tuple[State, float] | None = None  # what is looked at together, and since when

    # The server's start and end.

    async def start(self, store: Store) -> None:
        """Begin to watch the store."""
        self._store = store
        loop = asyncio.get_running_loop()
        self._newest, self._told = await asyncio.to_thread(newest_import, store), (self._marks(), self._ticks())
        self._newest_of, self._aged = store.version, self._ticks()

        def committed(_commit: object = None) -> None:
            if not loop.is_closed():
                loop.call_soon_threadsafe(self._wake.set)

        store.writer.on_commit(committed)
        store.watch.on_change(committed)
        for step in warming.AT_ONCE:
            self._worker.submit(step, store)
        self._task = asyncio.create_task(self._run(), name="live")
        self._warming = asyncio.create_task(self._warm(store), name="warming")

    async def _warm(self, store: Store) -> None:
        """One step after the other, each behind whatever waits."""
        await asyncio.sleep(warming.REST)
        for step in warming.LATER:
            await asyncio.get_running_loop().run_in_executor(self._worker, step, store)

    async def stop(self) -> None:
        """End, and let the thread finish what it counts."""
        if self._task is not None and self._warming is not None:
            self._task.cancel()
            self._warming.cancel()
            await asyncio.gather(self._task, self._warming, return_exceptions=True)
        for screen in list(self.screens):
            screen.end()
        await asyncio.to_thread(self._worker.shutdown, cancel_futures=True)
        self._store = None

    # What screens do.

    def enter(self, screen: Screen) -> None:
        """A page opened its socket: it learns the time at once."""
        self.screens.add(screen)
        self._tell([screen], self.beat())

    def leave(self, screen: Screen) -> None:
        """A page has gone."""
        self._unfollow(screen)
        self.screens.discard(screen)

    def follow(self, screen: Screen, number: int, search: str, language: str, marks: Mapping[str, str]) -> None:
        """The page shows this query now. It learns its channels' names, then of each what differs from its marks."""
        self._unfollow(screen)
        screen.channels = self._channels(search, language)
        screen.filters = self._news_filters(search) if screen.channels else None
        self._tell([screen], written({"follow": number, "channels": {c.key: c.name for c in screen.channels}}))
        for channel in screen.channels:
            kept = self._keep(channel)
            kept.screens.add(screen)
            kept.behind[screen] = marks.get(channel.key, "")
            if self._fresh(kept):
                self._catch_up(kept)
        self._wake.set()

    def again(self, screen: Screen, part: str) -> None:
        """The page missed something of a part: it is told everything."""
        for channel in screen.channels:
            kept = self.kept.get(channel)
            if channel.key == part and kept is not None and kept.shown is not None:
                self._tell([screen], whole(channel, kept.shown))

    async def answer(self, search: str, language: str, marks: Mapping[str, str]) -> list[str]:
        """What a page without a socket is told: the time, and the parts that differ from its marks."""
        parts, self._seen = [], None  # whoever asks once is told of the very last commit
        for channel in self._channels(search, language):
            kept = self._keep(channel)
            if not self._fresh(kept) and (kept.shown is None or self._ticks() >= kept.due):
                await self._look(kept)
            if kept.shown is not None and kept.shown.mark != marks.get(channel.key):
                parts.append(whole(channel, kept.shown))
        await self._look_at_age()
        return [self.beat(), *parts]

    # Its own life.

    async def _run(self) -> None:
        while True:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._wake.wait(), self._pause())
            self._wake.clear()
            try:
                await self._round()
            except Exception as error:  # the edge of a life that must go on
                log.error("the screens were not told", exc_info=error)
                await asyncio.sleep(TICK)

    def _pause(self) -> float:
        due = [self._due(one) - self._ticks() for one in self._stale()]
        return max(0.02, min([TICK, *due]))

    def _stale(self) -> list[Kept]:
        return [one for one in self.kept.values() if one.screens and not self._fresh(one)]

    async def _round(self) -> None:
        """Tell the news; look at every channel that is due, the map's before the others'; forget what nobody follows."""
        await self._tell_news()
        await self._tell_time()
        while (kept := self._next()) is not None:
            await self._look(kept)
            await self._tell_time()
        now = self._ticks()
        for one in [one for one in self.kept.values() if not one.screens and now - one.asked_at > FORGET]:
            del self.kept[one.channel]

    async def _tell_time(self) -> None:
        now, changed = self._ticks(), self._marks() != self._told[0]
        if self.screens and now - self._told[1] >= (TICK if changed else BEAT):
            self._told = (self._marks(), now)
            await self._look_at_age()
            self._tell(self.screens, self.beat())

    def _next(self) -> Kept | None:
        """The channel to look at now: what was written meanwhile may have put the map first again."""
        due = [one for one in self._stale() if self._due(one) <= self._ticks()]
        return min(due, key=lambda one: (ORDER[one.channel.part], -len(one.screens)), default=None)

    def _due(self, kept: Kept) -> float:
        written = kept.state is None or (kept.state[0], kept.state[2]) != (self.store.version, self.store.watch.mark)
        return kept.due if written else kept.idle_until

    async def _look(self, kept: Kept) -> None:
        """Ask what a channel shows, once for all who want to know."""
        looks = kept.looks
        async with kept.looking:
            if kept.looks == looks:
                await self._asked(kept)
                kept.looks += 1

    async def _asked(self, kept: Kept) -> None:
        """Ask what a channel shows, and tell its screens what changed."""
        state, began, before = self._together(), self._ticks(), kept.shown
        now, message = await self._off_loop(kept.channel.language, _asked, self.store, kept.channel, before, state[0])
        ended = self._ticks()
        kept.cost = ended - began
        is_hot = kept.channel in hot(self.kept.values())
        costs = sum(one.cost for one in self.kept.values() if one.screens)
        first = (
            kept.channel.part in FIRST
        )  # its pace is from beginning to beginning: a tick is not made longer by its work
        kept.due = (began if first else ended) + pace(kept.channel.part, kept.cost, costs, hot=is_hot)
        kept.idle_until = max(kept.due, ended + CLOCK_TICK)
        kept.shown, kept.state = now, state
        if message:
            self._tell(kept.screens - set(kept.behind), message)
        self._catch_up(kept)

    async def _tell_news(self) -> None:
        """Where tickets came in since the last look, once for all screens with the same filters."""
        groups: dict[Any, list[Screen]] = {}
        for screen in self.screens:
            if screen.filters is not None:
                groups.setdefault(screen.filters, []).append(screen)
        if not groups:
            self._last_case = None
        if not groups or (self.store.version == self._news_of and self._last_case is not None):
            return
        self._news_of = self.store.version
        after, self._last_case = self._last_case, await self._off_loop("zh", last_case, self.store)
        if after is None or self._last_case == after:  # what came while nobody looked is no news
            return
        for filters, screens in groups.items():
            n, points = await self._off_loop("zh", arrivals, self.store, after, filters)
            if n:
                self._tell(screens, written({"part": "news", "n": n, "points": points}))

    async def _look_at_age(self) -> None:
        """How new the data is. Whoever asks again soon is answered at once, also while the thread counts for a long time."""
        if self._newest_of == self.store.version or self._ticks() - self._aged < TICK:
            return
        self._aged, self._newest_of = self._ticks(), self.store.version
        self._newest = await self._off_loop("zh", newest_import, self.store)

    def beat(self) -> str:
        """A sign of life: what time it is, how fast it goes, how new the data is, what is watched, which program this is."""
        clock = self.store.clock
        speed = clock.speed if isinstance(clock, SimulatedClock) and clock.running else float(not clock.simulated)
        newest = None if self._newest is None else round(self._newest.timestamp() * 1000)
        now = round(self.store.now().timestamp() * 1000)
        return written(
            {
                "beat": {
                    "now": now,
                    "speed": speed,
                    "newest": newest,
                    "watch": self.store.watch.mark,
                    "build": self.build,
                }
            }
        )

    @property
    def store(self) -> Store:
        """The store it watches."""
        if self._store is None:
            raise RuntimeError("the hub was not started")
        return self._store

    # Small things.

    def _marks(self) -> tuple[int, str]:
        return self.store.version, self.store.watch.mark

    def _channels(self, search: str, language: str) -> tuple[Channel, ...]:
        """The channels of a page or a wall's; whoever is a wall follows a wall's alone. A page that shows none says so."""
        if search == NOTHING:
            return ()
        if studio.is_studio(search):
            return studio.channels(search, language, acting())
        if walls.is_wall(search):
            return walls.channels(self.store, search, language, acting())
        return () if acting().kind == "device" else channels_of(search, language)

    def _news_filters(self, search: str) -> walls.News | None:
        if studio.is_studio(search):
            return None
        return walls.news(self.store, search) if walls.is_wall(search) else news_filters(search)

    def _state(self) -> State:
        return self.store.version, to_minute(self.store.now()), self.store.watch.mark

    def _together(self) -> State:
        """The state a look is at: the one of the looks just before it, which have made the slices of it already."""
        now = self._ticks()
        if self._seen is None or now - self._seen[1] > TOGETHER or self._seen[0][1:] != self._state()[1:]:
            self._seen = (self._state(), now)
        return self._seen[0]

    def _fresh(self, kept: Kept) -> bool:
        return kept.state == self._state()

    def _keep(self, channel: Channel) -> Kept:
        kept = self.kept.setdefault(channel, Kept(channel))
        kept.asked_at = self._ticks()
        return kept

    def _catch_up(self, kept: Kept) -> None:
        """Tell everything to those that have followed since the last look, unless they have it."""
        behind, kept.behind = kept.behind, {}
        if kept.shown is not None:
            screens = [screen for screen, mark in behind.items() if mark != kept.shown.mark]
            if screens:
                self._tell(screens, whole(kept.channel, kept.shown))

    def _unfollow(self, screen: Screen) -> None:
        for channel in screen.channels:
            if channel in self.kept:
                self.kept[channel].screens.discard(screen)
                self.kept[channel].behind.pop(screen, None)
        screen.channels, screen.filters = (), None

    def _tell(self, screens: Iterable[Screen], message: str) -> None:
        for screen in list(screens):
            try:
                screen.write(message)
            except asyncio.QueueFull:  # it comes back and asks for everything
                screen.end()
                self.leave(screen)

    async def _off_loop(self, language: str, function: Callable[..., Any], *args: Any) -> Any:
        def work() -> Any:
            use(language)
            return function(*args)

        return await asyncio.get_running_loop().run_in_executor(self._worker, contextvars.Context().run, work)


def _asked(store: Store, channel: Channel, before: Shown | None, version: int) -> tuple[Shown, str]:
    """What the channel shows now, and the message for screens that have `before`; empty where nothing changed."""
    try:
        with store.seen_at(version):
            now = shown(store, channel)
    except JingweiError as error:
        log.info("a channel has nothing to show", part=channel.part, error=str(error))
        now = Shown.of({})
    except Exception as error:  # the edge: one part that fails must not keep the others from their screens
        log.error("a channel cannot be counted", part=channel.part, search=channel.search, exc_info=error)
        now = before or Shown.of({})
    return now, "" if before is None or before.mark == now.mark else change(channel, before, now)


def news_filters(search: str) -> tuple[tuple[str, tuple[str, ...]], ...] | None:
    """The filters of the tickets a page would show as they come in; null for one that looks at the past."""
    try:
        choice = choices.of_search(search)
    except JingweiError:
        return None
    return None if choice.as_of is not None or choice.period == "custom" else choice.filters
