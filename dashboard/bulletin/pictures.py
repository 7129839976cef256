"""The bulletin's charts and maps, each drawn once: laid into the PDF as vectors, into Word as a picture."""

from __future__ import annotations

from dashboard.bulletin import charts
from dashboard.bulletin.content import Section
from layers import print_map
from layers.paper import Drawing

ACROSS, MAP_TALL = 178.0, 112.0  # millimetres


def pictures(section: Section) -> tuple[Drawing, ...]:
    """Its charts, then its maps."""
    drawn = [charts.drawn(one, ACROSS) for one in section.charts]
    return (*drawn, *(print_map.drawn(one, ACROSS, MAP_TALL) for one in section.maps))
