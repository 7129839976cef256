"""What a figure colours: administrative levels, grids, and micro-grids. The level chosen is the one that is drawn."""

from __future__ import annotations

from layers.boundaries import boundaries
from layers.protocol import Layer

BOUNDARIES = Layer("boundaries", "cells", levels=("district", "street", "community"), polygons=boundaries, chosen=False)
GRIDS = Layer("grids", "cells", levels=("grid",), polygons=boundaries, chosen=False)
MICRO_GRIDS = Layer("micro_grids", "cells", levels=("micro_grid",), polygons=boundaries, chosen=False)
ESTATES = Layer("estate_figures", "cells", levels=("estate",), polygons=boundaries, chosen=False)
