"""What a restore prints: what is back, and the loss, so that a person knows what to do again."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

from rich.console import Console

from data.replay import Replayed
from data.restore import Restored
from etl.printing import SHOWN, console


def print_restored(done: Restored) -> None:
    """The backup, the hot log, and where everything lies."""
    out, manifest, zone = console(), done.manifest, ZoneInfo(done.zone)
    out.print(f"{manifest.deployment} as of {manifest.made_at}: {manifest.ledger_lines:,} ledger lines")
    if done.replayed is not None:
        _print_replayed(out, done.replayed, zone)
    if done.pictures.brought:
        out.print(f"pictures brought back: {done.pictures.brought:,}")
    if done.pictures.missing:
        out.print(
            f"lost: {len(done.pictures.missing):,} pictures that cases name are neither here nor beside the backup"
        )
    if done.report:
        out.print(f"all of it, as a file: {done.report}")
    if done.waiting:
        out.print(
            f"not restored: {done.waiting:,} moves that were acknowledged since. They wait in the hot log; before anybody "
            "moves a case, restore again with --replay"
        )
    if done.aside:
        out.print(f"the former store lies in {done.aside}")


def _print_replayed(out: Console, told: Replayed, zone: ZoneInfo) -> None:
    def at(moment: datetime) -> str:
        return moment.astimezone(zone).isoformat(sep=" ", timespec="seconds")

    out.print(
        f"last acknowledged: {at(told.until)}" if told.until else "the hot log holds no move that the backup has not"
    )
    out.print(f"moves replayed {told.done:,}, there already {told.there:,}, refused {len(told.refused):,}")
    for why, count in told.reasons()[:SHOWN]:
        out.print(f"  {count:,} refused: {why}")
    for one in told.refused[:SHOWN]:
        out.print(f"  {at(one.at)} case {one.case_id}: {one.what}")
    if told.other:
        out.print(f"{len(told.other):,} lines came out otherwise (other settings then): {_some(told.other)}")
    for first, last in told.gaps:
        out.print(f"lines {first:,} to {last:,} of the hot log are missing")
    for name, what in told.torn:
        out.print(
            f"{name}: its last line is {what}" + (" (a power cut; nobody was told that it was done)" * (what == "torn"))
        )
    if told.beside:
        out.print(f"not in the hot log, to be done again ({len(told.beside):,}):")
    for thing in told.beside[-SHOWN:]:
        out.print(f"  {at(thing.at)} {thing.action} by {thing.by or 'nobody'}: {thing.detail or ''}")


def _some(lines: list[tuple[int, int]]) -> str:
    shown = ", ".join(f"case {case} line {seq}" for case, seq in lines[:SHOWN])
    return shown + (" …" if len(lines) > SHOWN else "")
