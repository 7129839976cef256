"""The work under way: what begins it, how far it is, what stops it, and what came of it."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import dash_mantine_components as dmc
from dash import Dash, Input, Output, State, ctx, dcc, html, no_update

from dashboard import messages
from dashboard.desk import Desk, off_loop
from dashboard.importing import work
from dashboard.importing.ids import CHOICE, ENDED, FILE, JOB, KIND, LEVEL, PREVIEW, RETRY, STOP, TAKE, TEXT
from dashboard.jobs import RUNNING, Job
from dashboard.languages import _, language, marked
from dashboard.said import in_words
from data.errors import JingweiError
from data.progress import Progress

TICK = "import-tick"
KINDS = {"guess": marked("查看文件"), "preview": marked("准备预览"), "import": marked("导入")}


def layout(desk: Desk | None) -> html.Section:
    """The bar, hidden until something is under way. A page opened in the middle of it picks it up."""
    running = desk.jobs.running() if desk is not None else None
    return html.Section(
        [
            dcc.Store(id=JOB, data=_named(running) if running else None),
            dcc.Store(id=ENDED),
            dcc.Interval(id=TICK, interval=500, disabled=running is None),
            html.Div(id="import-bar"),
            dmc.Button(_("停止"), id=STOP, variant="default", size="xs", n_clicks=0, className="is-hidden"),
        ],
        className="import-progress",
        **{"aria-live": "polite"},
    )


def _named(job: Job) -> dict[str, str]:
    return {"id": job.job_id, "kind": job.kind}


def bar(job: Job) -> Any:
    """What runs and how far it is, or why it ended badly."""
    if job.status == RUNNING:
        share = job.share
        label = step(job)
        return html.Div(
            [
                html.Span(label if share is None else f"{label} {share:.0%}", className="quiet"),
                dmc.Progress(value=100 if share is None else round(share * 100), animated=share is None, size="sm"),
            ]
        )
    return messages.failure_of(job.error) if job.error is not None else None


def step(job: Job) -> str:
    """What the work is at, in the reader's language; the kind of work where that is not known."""
    said = in_words(job.label)
    known = said and (language() != "zh" or said != job.label)
    return said[0].upper() + said[1:] if known else _(KINDS[job.kind])


def register(app: Dash, desk: Desk) -> None:
    """A dropped file, the two buttons → a job; the clock → how it stands; the stop button → its end."""

    @app.callback(
        Output(JOB, "data"),
        Output("import-refused", "children"),
        Input(FILE, "data"),
        Input(PREVIEW, "n_clicks"),
        Input(TAKE, "n_clicks"),
        State(TEXT, "value"),
        State(KIND, "value"),
        State(LEVEL, "value"),
        State(CHOICE, "value"),
        State(RETRY, "value"),
        prevent_initial_call=True,
    )
    async def begin(
        file: dict[str, Any] | None,
        _previews: int,
        _takes: int,
        text: str,
        kind: str,
        level: str,
        _choice: str,
        retry: str,
    ) -> tuple[Any, Any]:
        kinds = {FILE: "guess", PREVIEW: "preview", TAKE: "import"}
        try:
            if not file:
                return no_update, messages.empty(_("还没有文件"), _("请先把文件拖到上方。"))
            told = {"text": text or "", "kind": kind, "level": level, "retry": retry}
            job = desk.jobs.start(kinds[ctx.triggered_id], task(desk, kinds[ctx.triggered_id], file["token"], told))
            return _named(job), None
        except JingweiError as error:
            return no_update, messages.failure_of(error)

    @app.callback(
        Output("import-bar", "children"),
        Output(STOP, "className"),
        Output(TICK, "disabled"),
        Output(ENDED, "data"),
        Input(TICK, "n_intervals"),
        Input(JOB, "data"),
        State(ENDED, "data"),
        prevent_initial_call=True,
    )
    async def follow(
        _ticks: int, begun: dict[str, str] | None, ended: dict[str, str] | None
    ) -> tuple[Any, Any, Any, Any]:
        if not begun:
            return None, "is-hidden", True, no_update
        job = desk.jobs.get(begun["id"])
        if job.status == RUNNING:
            return bar(job), "", False, no_update
        told = {**_named(job), "status": job.status}
        return bar(job), "is-hidden", True, told if told != ended else no_update

    @app.callback(Input(STOP, "n_clicks"), prevent_initial_call=True)
    async def stop(clicks: int) -> None:
        running = desk.jobs.running()
        if clicks and running:
            await off_loop(running.reporter.stop)


def task(desk: Desk, kind: str, token: str, told: dict[str, str]) -> Callable[[Progress], Any]:
    """The work of a button. NotFound when the file is no longer here."""
    upload, store = desk.uploads.get(token), desk.store
    retry = None if told["retry"] in ("", "none") else int(told["retry"])
    if kind == "guess":
        said = {name: None if told[name] == "auto" else told[name] for name in ("kind", "level")}
        return partial(_call, work.proposed, store, upload, said["kind"], said["level"], language())
    if kind == "preview":
        return partial(_call, work.previewed, store, upload, told["text"], retry is not None)
    return partial(_call, work.taken, store, upload, told["text"], retry)


def _call(function: Callable[..., Any], *args: Any) -> Any:
    return function(*args)
