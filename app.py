"""The program: its command line, and the server. Wiring only.

Commands run here when no server holds the store, else in the server through its control socket; both print the same.
Exit codes: 0 done, 1 a fault of the store or the program, 2 what was given cannot be taken, 3 `check` found violations,
130 stopped.
"""

# ruff: noqa: E402 (Ctrl-C is answered before the long imports)
from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import Annotated, Any

STOPPED = "Stopped. The store is as it was."
if __name__ == "__main__":  # Ctrl-C while the modules below are read: nothing is open yet
    signal.signal(signal.SIGINT, lambda *_: os._exit(os.write(2, f"{STOPPED}\n".encode()) and 130))

import typer
from typer.core import TyperGroup
from typer.exceptions import TyperException

from data.errors import NotFound, StoreBusy
from data.settings import settings
from etl.command_line import addresses, answers, bulletins, demo, deployment, forecasts, imports, plans, quarantine
from etl.command_line.options import HANDED
from etl.command_line.users import users, walls
from etl.command_line.webhooks import webhooks


class Program(TyperGroup):
    """Errors come out as one block and an exit code, never as a traceback."""

    def invoke(self, ctx: Any) -> Any:
        """Run the command."""
        from data.logs import configure_logs

        try:
            given = settings()
            quiet = {} if "serve" in sys.argv or given.log_level == "DEBUG" else {"log_level": "WARNING"}
            configure_logs(given.model_copy(update=quiet))
            return super().invoke(ctx)
        except (typer.Exit, typer.Abort, TyperException):
            raise
        except KeyboardInterrupt:
            if "serve" not in sys.argv:  # the server says itself that it ends
                typer.echo(STOPPED, err=True)
            ctx.exit(130)
        except Exception as error:  # the edge of the program: whatever it was must come out as one block
            from etl.terminal import tell_any

            ctx.exit(tell_any(error))


app = typer.Typer(
    cls=Program,
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    help="经纬 Jingwei: one map for a district's grids.",
)


def serve(
    host: Annotated[
        str | None, typer.Option(help="Address; beyond loopback it takes an administrator and TLS.")
    ] = None,
    port: Annotated[int | None, typer.Option(min=0, max=65535, help="Port; 0 takes a free one.")] = None,
    tls_cert: Annotated[Path | None, typer.Option(help="Certificate with its chain (PEM).")] = None,
    tls_key: Annotated[Path | None, typer.Option(help="Its private key (PEM).")] = None,
) -> None:
    """Start the server."""
    from dashboard.hosting import check_host
    from dashboard.server import serve as run
    from data.control import is_running
    from data.store import FILE
    from etl.commands import COMMANDS

    asked = {"host": host, "port": port, "tls_cert": tls_cert, "tls_key": tls_key}
    given = {key: value for key, value in asked.items() if value is not None}
    wanted = settings().model_copy(update=given)
    check_host(wanted)
    if is_running(wanted.home):
        raise StoreBusy("a server runs here already.", where=str(wanted.home), todo="Stop it first, or use that one.")
    if not (wanted.home / FILE).is_file():
        raise NotFound("there is no store yet.", where=str(wanted.home), todo="Run `python app.py init` or `demo`.")
    run(wanted, {**COMMANDS, **HANDED})


def run_bulletin(store: Any, args: dict[str, Any], progress: Any) -> Any:
    """A bulletin is made of the screens' questions, so its command is handed down from there."""
    from dashboard.bulletin.issuing import run_bulletin as run

    return run(store, args, progress)


def handed(module: str, name: str) -> Callable[..., Any]:
    """A command of the room above, read when it runs."""

    def run(store: Any, args: dict[str, Any], progress: Any) -> Any:
        return getattr(import_module(module), name)(store, args, progress)

    return run


HANDED["bulletin"] = run_bulletin
HANDED["forecast"] = handed("dashboard.coming.nightly", "run_forecast")
HANDED["plan_solve"] = handed("dashboard.drawing.solving", "run_plan_solve")
HANDED["plan_check"] = handed("dashboard.drawing.checking", "run_plan_check")
HANDED["plan_diff"] = handed("dashboard.drawing.checking", "run_plan_diff")


def group(name: str, about: str, commands: dict[str, Callable[..., None]]) -> None:
    """Commands under one name."""
    made = typer.Typer(no_args_is_help=True, help=about)
    for word, command in commands.items():
        made.command(word)(command)
    app.add_typer(made, name=name)


COMMANDS: dict[str, Callable[..., None]] = {
    "init": deployment.init,
    "import": imports.import_file,
    "figures": answers.figures,
    "check": deployment.check,
    "backup": deployment.backup,
    "restore": deployment.restore,
    "export": answers.export,
    "bulletin": bulletins.bulletin,
    "forecast": forecasts.forecast,
    "imports": imports.imports,
    "demo-time": demo.demo_time,
    "status": deployment.status,
    "serve": serve,
    "demo": demo.demo,
}
for word, command in COMMANDS.items():
    app.command(word)(command)
group(
    "quarantine",
    "Rows an import could not take.",
    {
        "list": quarantine.quarantine_list,
        "export": quarantine.quarantine_export,
        "retry": quarantine.quarantine_retry,
        "drop": quarantine.quarantine_drop,
    },
)
group(
    "addresses",
    "Addresses the program could not place surely.",
    {
        "list": addresses.addresses_list,
        "settle": addresses.addresses_settle,
        "retry": addresses.addresses_retry,
        "export": addresses.addresses_export,
    },
)
group(
    "plan",
    "Plans of grids: drawn, checked, compared, written out.",
    {"solve": plans.solve, "check": plans.check, "diff": plans.diff, "export": plans.export},
)

app.add_typer(users, name="user")
app.add_typer(walls, name="wall")
app.add_typer(webhooks, name="webhook")

if __name__ == "__main__":
    signal.signal(signal.SIGINT, signal.default_int_handler)
    app()
