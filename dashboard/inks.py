"""The colours charts are drawn with, on the screen and on paper."""

from __future__ import annotations

INK = {
    "dark": {"text": "#E6EBF2", "quiet": "#9AA8B8", "line": "#263241", "raised": "#1B2430", "panel": "#121821"},
    "light": {"text": "#17202B", "quiet": "#55606E", "line": "#E6E9EE", "raised": "#F1F3F6", "panel": "#FFFFFF"},
}
# Okabe–Ito, the accent first.
SERIES = {
    "dark": ("#56B4E9", "#E69F00", "#009E73", "#CC79A7", "#D55E00", "#F0E442"),
    "light": ("#0072B2", "#B97F00", "#007F5C", "#A85586", "#B84F00", "#8A7F00"),
}
