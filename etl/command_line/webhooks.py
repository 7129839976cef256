"""`python app.py webhook …`: which units' own systems are told of their cases, from a terminal."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from etl.command_line.options import call

webhooks = typer.Typer(no_args_is_help=True, help="Units' own systems that are told of their cases.")
Number = Annotated[int, typer.Argument(help="Its number in `webhook list`.")]


def _show(rows: list[dict[str, Any]]) -> None:
    from etl.printing import print_table

    print_table(rows)


@webhooks.command("add")
def add(
    unit: Annotated[str, typer.Argument(help="Code of the unit.")],
    url: Annotated[str, typer.Argument(help="http or https address that is posted to.")],
) -> None:
    """Tell a unit's system from now on. The secret its deliveries are signed with is shown once."""
    done = call("webhook_add", unit=unit, url=url)
    typer.echo(f"{done['secret']}\nwebhook {done['webhook']}; end it with `webhook stop {done['webhook']}`")


@webhooks.command("list")
def show() -> None:
    """The addresses told, with what waits for each and what was given up."""
    _show(call("webhook_list"))


@webhooks.command("stop")
def stop(webhook: Number) -> None:
    """Tell an address no more."""
    typer.echo(f"webhook {call('webhook_stop', webhook=webhook)['webhook']}: stopped")


@webhooks.command("dead")
def dead() -> None:
    """Deliveries that were given up."""
    _show(call("webhook_dead"))


@webhooks.command("retry")
def retry(webhook: Number) -> None:
    """Send anew what was given up for an address."""
    typer.echo(f"{call('webhook_retry', webhook=webhook)['sent_anew']} sent anew")
