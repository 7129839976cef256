"""Commands of the demo district: demo, demo-time."""

from __future__ import annotations

from typing import Annotated

import typer

from data.settings import settings
from etl.command_line.options import Json, call, show_json


def demo(
    preset: Annotated[str, typer.Option(help="standard, hills, tiny or megacity.")] = "standard",
    seed: Annotated[int | None, typer.Option(help="Another seed gives another district.")] = None,
    *,
    unless_there: Annotated[bool, typer.Option("--unless-there", help="Do nothing where there is a store.")] = False,
) -> None:
    """Make a demo district that does not exist, in a new store."""
    from data.store import FILE
    from etl.demo import build
    from etl.demo_build import SEED
    from etl.terminal import bars

    if unless_there and (settings().home / FILE).exists():
        return
    with bars() as progress:
        typer.echo(
            build(settings().home, preset, SEED if seed is None else seed, progress=progress, settings=settings())
        )


def demo_time(
    speed: Annotated[float | None, typer.Option(help="Simulated seconds a second: 1, 60, 600 …")] = None,
    pause: Annotated[bool, typer.Option("--pause", help="Let the time stand.")] = False,
    jump: Annotated[str | None, typer.Option(help="Move on by 30m, 6h, 2d …")] = None,
    storm: Annotated[bool, typer.Option("--storm", help="Let a rainstorm begin now.")] = False,
    as_json: Json = False,
) -> None:
    """Say, or set, what time it is in a simulated district."""
    from etl.printing import print_plain

    result = call("demo_time", speed=speed, pause=pause, jump=jump, storm=storm)
    (show_json if as_json else print_plain)(result)
