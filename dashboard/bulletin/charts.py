"""The bulletin's charts as drawings for paper, in the screen's colours: no frame, a light grid, names at the lines' ends."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from dashboard.bulletin.content import Chart
from dashboard.formats import number, with_unit
from dashboard.inks import INK, SERIES
from dashboard.languages import _
from layers.paper import Drawing, Line, fitted, width_of

THEME = "light"
TOP, LEFT, BOTTOM = 9.0, 11.0, 6.0
BAR, GAP = 4.2, 2.2


def drawn(chart: Chart, width: float = 178, height: float = 48) -> Drawing:
    """The chart at a width; bars take the height they need."""
    if all(value is None for series in chart.series for value in series.values):
        drawing = _headed(chart, width, 22)
        drawing.words(width / 2, 15, _("这段时间没有数据"), 9, colour=INK[THEME]["quiet"], align="middle")
        return drawing
    return _bars(chart, width) if chart.kind == "bars" else _lines(chart, width, height)


def _headed(chart: Chart, width: float, height: float) -> Drawing:
    drawing = Drawing(width, height)
    drawing.box(0, 0, width, height, "#FFFFFF")
    drawing.words(0, 3, chart.title, 9.5, bold=True, colour=INK[THEME]["text"])
    return drawing


def _lines(chart: Chart, width: float, height: float) -> Drawing:
    drawing, ink = _headed(chart, width, height), INK[THEME]
    ends = max(width_of(f"{one.name} {_last(chart, one.values)}", 8) for one in chart.series) + 5
    steps = scale(chart)
    low, high = steps[0], steps[-1]
    across, down = width - LEFT - ends, height - TOP - BOTTOM

    def at(i: int, value: float) -> tuple[float, float]:
        return LEFT + across * (i + 0.5) / len(chart.labels), TOP + down * (1 - (value - low) / (high - low))

    for step in steps:
        y = at(0, step)[1]
        drawing.rule(LEFT, y, LEFT + across, y, ink["line"], 0.15)
        drawing.words(LEFT - 1.5, y, _tick(step, chart.unit), 7.5, colour=ink["quiet"], align="right")
    every = max(1, -(-len(chart.labels) // max(1, int(across // 14))))
    for i in range(0, len(chart.labels), every):
        drawing.words(at(i, low)[0], height - 2.4, chart.labels[i], 7.5, colour=ink["quiet"], align="middle")
    _series(drawing, chart, at, LEFT + across + 2)
    return drawing


def _series(drawing: Drawing, chart: Chart, at: Callable[[int, float], tuple[float, float]], x: float) -> None:
    """The lines, broken where there is no value, and their names beside their ends, none over another."""
    ends: list[tuple[float, str, str]] = []
    for colour, series in zip(SERIES[THEME], chart.series, strict=False):
        points = [None if value is None else at(i, value) for i, value in enumerate(series.values)]
        for run in _runs(points):
            drawing.add(Line(np.array(run if len(run) > 1 else run * 2), colour, 0.45))
        known = [point for point in points if point is not None]
        ends += [(known[-1][1], colour, f"{series.name} {_last(chart, series.values)}")] if known else []
    lowest = 0.0
    for y, colour, text in sorted(ends):
        lowest = max(y, lowest)
        drawing.words(x, lowest, text, 8, colour=colour)
        lowest += 3.8


def _runs(points: Sequence[tuple[float, float] | None]) -> list[list[tuple[float, float]]]:
    """What adjoins without a gap."""
    runs: list[list[tuple[float, float]]] = [[]]
    for point in points:
        if point is not None:
            runs[-1].append(point)
        elif runs[-1]:
            runs.append([])
    return [run for run in runs if run]


def _last(chart: Chart, values: Sequence[float | None]) -> str:
    known = [value for value in values if value is not None]
    return with_unit(known[-1], chart.unit) if known else ""


def _tick(value: float, unit: str) -> str:
    return f"{value * 100:g}%" if unit == "share" else f"{value:,.0f}"


def scale(chart: Chart) -> list[float]:
    """Round steps around the values: amounts from zero, shares around what there is, at most 100 %."""
    known = [float(value) for series in chart.series for value in series.values if value is not None]
    share = chart.unit == "share"
    low = min(known) if share else 0.0
    high = max(known)
    if share:
        low, high = np.floor(low * 20) / 20, min(1.0, np.ceil(high * 20 + 1e-9) / 20)
        low = max(0.0, low - 0.05 * (high <= low))
    high = high if high > low else low + 1
    raw = (high - low) / 4
    power = 10 ** np.floor(np.log10(raw))
    step = float(next(one * power for one in (1, 2, 2.5, 5, 10) if one * power >= raw - 1e-12))
    first = np.floor(low / step + 1e-9) * step
    n = int(np.ceil((high - first) / step - 1e-9))
    return [round(float(first + i * step), 10) for i in range(n + 1) if not share or first + i * step <= 1 + 1e-9]


def _bars(chart: Chart, width: float) -> Drawing:
    """Bars from zero in their given order, the name at the left, the value at the end."""
    ink, values = INK[THEME], chart.series[0].values
    ends = chart.series[0].ends or (None,) * len(values)
    drawing = _headed(chart, width, TOP + len(values) * (BAR + GAP))
    names = min(46.0, max(width_of(label, 8.5) for label in chart.labels) + 3)
    room, high = width - names - 22, 1.0 if chart.unit == "share" else max(float(v or 0) for v in values) or 1.0
    for i, (label, value) in enumerate(zip(chart.labels, values, strict=True)):
        y = TOP + i * (BAR + GAP)
        drawing.words(names - 2, y + BAR / 2, fitted(label, 8.5, names - 2), 8.5, colour=ink["text"], align="right")
        if value is not None:
            drawing.box(names, y, max(room * float(value) / high, 0.2), BAR, SERIES[THEME][0])
        text = with_unit(value, chart.unit) if chart.unit == "share" else number(value, chart.unit)
        reaches = max(float(value or 0), _whisker(drawing, ends[i], names, room / high, y))
        drawing.words(names + room * reaches / high + 2, y + BAR / 2, text, 8.5, colour=ink["quiet"])
    drawing.rule(names, TOP - 1, names, drawing.height - GAP / 2, ink["quiet"], 0.2)
    return drawing


def _whisker(drawing: Drawing, ends: tuple[float, float] | None, x: float, scale: float, y: float) -> float:
    """The interval as a thin line over the bar's end; where it ends."""
    if ends is None:
        return 0.0
    low, high = (x + scale * end for end in ends)
    drawing.rule(low, y + BAR / 2, high, y + BAR / 2, INK[THEME]["text"], 0.25)
    for end in (low, high):
        drawing.rule(end, y + BAR / 2 - 0.9, end, y + BAR / 2 + 0.9, INK[THEME]["text"], 0.25)
    return ends[1]
