"""What the page's parts say to one another: the store of what was clicked."""

from __future__ import annotations

PICKED = "picked"  # {open, place, figure, part, days, case}; written by assets/drawer.js, owned by the drawer
