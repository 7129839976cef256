"""`python app.py forecast`: what is coming (未诉先办), computed now."""

from __future__ import annotations

import typer

from etl.command_line.options import Json, call, show_json


def forecast(*, as_json: Json = False) -> None:
    """Compute the forecast of the next 7 and 28 days now; a server does so by itself every night."""
    done = call("forecast")
    if as_json:
        show_json(done)
    else:
        typer.echo(f"forecast from {done['day']}: {done['series']:,} series of community and category")
