"""Mantine's part of the look. The colours themselves live in assets/tokens.css, one set a theme; Mantine's variables are
pointed at them there, so that a component of its own and one of ours agree."""

from __future__ import annotations

from typing import Any

FONT = '"Inter Jingwei", "PingFang SC", "Microsoft YaHei", "Noto Sans CJK SC", "Noto Sans SC", sans-serif'

BLUE = ["#EAF4FC", "#D3E8F8", "#A9D1F0", "#7DBAE8", "#56A5E0", "#3A91D4", "#2C7FC0", "#216AA4", "#185587", "#0F3F68"]

MANTINE: dict[str, Any] = {
    "fontFamily": FONT,
    "fontFamilyMonospace": FONT,
    "primaryColor": "accent",
    "primaryShade": {"light": 7, "dark": 4},
    "defaultRadius": "8px",
    "colors": {"accent": BLUE},
    "headings": {"fontFamily": FONT, "fontWeight": "600"},
    "fontSizes": {"xs": "0.75rem", "sm": "0.875rem", "md": "1rem", "lg": "1.25rem", "xl": "1.75rem"},
    "spacing": {"xs": "0.25rem", "sm": "0.5rem", "md": "0.75rem", "lg": "1rem", "xl": "1.5rem"},
    "respectReducedMotion": True,
    "components": {
        "Select": {"defaultProps": {"size": "sm", "allowDeselect": False, "checkIconPosition": "right"}},
        "MultiSelect": {"defaultProps": {"size": "sm"}},
        "SegmentedControl": {"defaultProps": {"size": "sm", "fullWidth": True, "transitionDuration": 0}},
        "Tooltip": {"defaultProps": {"multiline": True, "withArrow": False, "openDelay": 300}},
    },
}
