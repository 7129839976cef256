"""Colours of the map's classes, for both themes.

Amounts: one hue (blue), light to strong on white and dark to bright on black, so that "more" always stands out against the
page; or cividis (Nuñez, Anderton, Renslow 2018), made to look the same to colour-blind eyes. Rates with a target: blue
above, orange below (after ColorBrewer's PuOr/RdBu logic with Okabe–Ito's end hues), near-white or near-black at the
target. Every ramp is a few anchors, mixed in linear steps.
"""

from __future__ import annotations

RAMPS: dict[str, dict[str, tuple[str, ...]]] = {
    "single": {
        "light": ("#E3EEF9", "#A9CDEB", "#5FA3D6", "#2673B4", "#0B3C6F"),
        "dark": ("#16283B", "#1F4B73", "#2C77B0", "#5AA9DE", "#B7E0FA"),
    },
    "cividis": {
        "light": ("#00224E", "#35456C", "#666970", "#948E77", "#C8B866", "#FEE838"),
        "dark": ("#00306F", "#35456C", "#666970", "#948E77", "#C8B866", "#FEE838"),
    },
    "diverging": {
        "light": ("#B85410", "#EBA668", "#F4F2EE", "#86BBDD", "#1A659E"),
        "dark": ("#F08A3C", "#9A5A2B", "#39424D", "#3C7CAB", "#79C4F2"),
    },
}


def _mix(low: str, high: str, share: float) -> str:
    pairs = [(int(low[i : i + 2], 16), int(high[i : i + 2], 16)) for i in (1, 3, 5)]
    return "#" + "".join(f"{round(a + (b - a) * share):02X}" for a, b in pairs)


def ramp(name: str, theme: str, n: int) -> list[str]:
    """n colours from the lowest class to the highest; theme is 'light' or 'dark'."""
    anchors = RAMPS[name][theme]
    if n == 1:
        return [anchors[-2]]
    colours = []
    for i in range(n):
        position = i / (n - 1) * (len(anchors) - 1)
        step = min(int(position), len(anchors) - 2)
        colours.append(_mix(anchors[step], anchors[step + 1], position - step))
    return colours


def around(theme: str, below: int, above: int) -> list[str]:
    """Colours of `below` classes under the target and `above` over it; the strength grows with the distance."""
    anchors = RAMPS["diverging"][theme]
    lower = _side(anchors[2], anchors[1], anchors[0], below)
    upper = _side(anchors[2], anchors[3], anchors[4], above)
    return lower[::-1] + upper


def _side(middle: str, near: str, end: str, n: int) -> list[str]:
    shares = [(i + 1) / n for i in range(n)] if n > 1 else [0.6] * n
    return [_mix(_mix(middle, near, 0.25), near, s * 2) if s <= 0.5 else _mix(near, end, s * 2 - 1) for s in shares]
