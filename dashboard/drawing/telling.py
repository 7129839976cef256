"""What the commands `plan solve` and `plan check` say for people, in the language of the program or the one asked for."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from dashboard.languages import LANGUAGES, _, language, marked, use
from data.errors import InputError
from data.settings import settings

SHOWN = 10
KINDS = {
    "twice": marked("编码重复"),
    "no_shape": marked("没有面积"),
    "overlap": marked("重叠"),
    "gap": marked("空白"),
    "outside": marked("超出上级范围"),
    "pieces": marked("不连片"),
    "parent": marked("上级不符"),
    "households": marked("户数不符"),
    "band": marked("户数超出范围"),
    "compactness": marked("形状不紧凑"),
}
LAYERS = {"grids": marked("网格"), "micro_grids": marked("微网格"), "cells": marked("单元")}
Values = Mapping[str, Any]


@contextmanager
def speaking(asked: object) -> Iterator[None]:
    """Say everything inside in the language asked for, else the program's own. InputError for one there is not."""
    chosen, before = str(asked or settings().language), language()
    if chosen not in LANGUAGES:
        raise InputError(
            f'there is no language "{chosen}".', where="language", todo=f"There are {', '.join(LANGUAGES)}."
        )
    use(chosen)
    try:
        yield
    finally:
        use(before)


def kind_said(kind: str) -> str:
    """What is wrong, in a word or two."""
    return _(KINDS[kind])


def checked_lines(told: Values) -> list[str]:
    """A checked plan in sentences: its figures; what is wrong and how often; cells that belong to no part."""
    head = _("{parts} 个部分，{households} 户，{whole} 个连成一片，平均紧凑度 {compactness}").format(
        parts=f"{told['parts']:,}",
        households=f"{told['households']:,}",
        whole=f"{told['in_one_piece']:,}",
        compactness=told["compactness"],
    )
    counts = [
        _("{kind}：{count} 处").format(kind=kind_said(kind), count=f"{n:,}") for kind, n in told["counts"].items()
    ]
    lost = _listed(_("不属于任何部分的单元"), told["cells_without_part"])
    return [head, _("；").join(counts) or _("没有问题"), *lost]


def solved_lines(told: Values) -> list[str]:
    """A drawn plan in sentences: the file, its figures, and why parts are outside the band."""
    layers = _("、").join(f"{n:,} {_(LAYERS[name])}" for name, n in told["layers"].items())
    figures = _(
        "{share} 在 {low}～{high} 户之内，紧凑度 {compactness}，"
        "切断边界 {cuts} 条，共 {border} 公里，拆分小区 {estates} 个，变动 {moved} 户"
    ).format(
        share=f"{told['in_band']:.2%}",
        low=f"{told['low']:g}",
        high=f"{told['high']:g}",
        compactness=f"{told['compactness']:.3f}",
        cuts=f"{told['cut_borders']:,}",
        border=f"{told['border_km']:,.1f}",
        estates=f"{told['estates_split']:,}",
        moved=f"{told['households_moved']:,}",
    )
    outside = [
        _("{part}（{count} 户）：{reason}").format(part=one["part"], count=one["households"], reason=one["reason"])
        for one in told["outside"]
    ]
    return [
        *([_("已停止；这是目前最好的方案。")] if told["stopped"] else []),
        f"{told['file']}: {layers}",
        figures,
        *([] if told["contiguous"] else [_("有的部分不连片。")]),
        *_listed(_("超出户数范围"), outside),
    ]


def _listed(label: str, lines: list[str]) -> list[str]:
    """The first few under a label; none for none."""
    if not lines:
        return []
    more = _(" …… 还有 {count} 个").format(count=f"{len(lines) - SHOWN:,}") if len(lines) > SHOWN else ""
    return [
        _("{label}（{count}）：{lines}").format(label=label, count=f"{len(lines):,}", lines="; ".join(lines[:SHOWN]))
        + more
    ]
