"""Text to instants."""

from __future__ import annotations


def check_format(where: str, text: str) -> None:
    """Raise ValueError when the format cannot be read."""
