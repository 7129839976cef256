"""The real parcels, read and measured once."""

from __future__ import annotations

import geopandas
import pytest

from planning.graph import Graph, shared
from planning.units import Units, units
from tests.realdata import SHARED


@pytest.fixture(scope="session")
def parcels() -> tuple[Units, Graph]:
    """Cambridge: 10,822 cells and their borders."""
    frame = geopandas.read_file(SHARED / "cambridge-parcels" / "parcels.gpkg")
    shapes = frame.geometry.to_numpy()
    return units(shapes, frame["households"]), shared(shapes)
