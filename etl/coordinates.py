"""Coordinates of any reference system to longitude and latitude."""

from __future__ import annotations


def known_crs(crs: str) -> str:
    """The name of a coordinate reference system as we write it."""
    return crs
