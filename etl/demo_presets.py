"""The sizes the demo district comes in. Counts are exact; households are about as given."""

from __future__ import annotations

from dataclasses import dataclass, replace

from data.errors import InputError
from etl.demo_warp import Warp

Point = tuple[float, float]


@dataclass(frozen=True)
class Centre:
    """A town: where it is in the drawing plane and how far it reaches (metres)."""

    at: Point
    reach: float


@dataclass(frozen=True)
class Preset:
    """What a district is to hold. grids: of homes, beside the dedicated ones (of a square piece: all)."""

    name: str
    streets: int
    towns: int  # how many of the streets are 镇
    communities: int
    too_large: int  # communities of twice the usual size
    new_estates: int
    old_estates: int
    grids: int
    dedicated: int  # at most
    micro_grids: int
    households: int
    radius: Point  # of the outline, metres
    middle: Point  # of the outline, from the centre of the main town
    spacing: float  # of arterial roads in the centre
    river: float  # where it runs: y in the drawing plane
    river_width: float
    centres: tuple[Centre, ...]
    warp: Warp
    lobes: float = 0.10  # how much the outline leaves the ellipse
    companies: int = 90
    facilities: int = 3000
    villages: int = 0
    square: bool = False  # a rectangular piece that can be laid beside its mirror image


STANDARD = Preset(
    name="standard", streets=4, towns=0, communities=102, too_large=12, new_estates=446, old_estates=659,
    grids=960, dedicated=84, micro_grids=8000, households=400_000, radius=(4550.0, 3800.0), middle=(150.0, 250.0),
    spacing=620.0, river=-900.0, river_width=70.0,
    centres=(Centre((0.0, 0.0), 4300.0), Centre((2500.0, 1500.0), 1500.0)),
    warp=Warp(turn=-0.06, bend=560.0, wavelength=15500.0, phase=0.9, curl=9e-6),
)  # fmt: skip

TINY = replace(
    STANDARD, name="tiny", streets=1, communities=3, too_large=0, new_estates=14, old_estates=22, grids=30, dedicated=4,
    micro_grids=230, households=11_500, radius=(830.0, 700.0), middle=(0.0, 0.0), spacing=520.0, river=-380.0,
    river_width=40.0, centres=(Centre((0.0, 0.0), 1400.0),), companies=8, facilities=120,
    warp=Warp(turn=-0.06, bend=120.0, wavelength=5200.0, phase=0.9, curl=2e-5),
)  # fmt: skip

# Towns along the valley and in side valleys; the first is the county seat.
_TOWNS = (
    (-12100, 300), (-9600, -1700), (-8700, 1900), (-6600, -600), (-6200, 4600), (-5600, -4900), (-3700, 6400),
    (-2600, -3900), (300, 5600), (1600, -5600), (3900, 3300), (4700, -3300), (6900, -700), (7300, 5200), (9000, -4300),
    (9900, 1400), (12200, -1500),
)  # fmt: skip

HILLS = Preset(
    name="hills",
    streets=23,
    towns=17,
    communities=313,
    too_large=14,
    new_estates=330,
    old_estates=470,
    villages=420,
    grids=980,
    dedicated=60,
    micro_grids=8000,
    households=400_000,
    radius=(14500.0, 8200.0),
    middle=(0.0, 300.0),
    spacing=620.0,
    river=-700.0,
    river_width=85.0,
    lobes=0.13,
    centres=(
        Centre((0.0, 0.0), 2900.0),
        *(Centre((float(x), float(y)), 740.0 + 40 * (i % 7)) for i, (x, y) in enumerate(_TOWNS)),
    ),
    companies=70,
    facilities=3000,
    warp=Warp(turn=0.12, bend=1500.0, wavelength=42000.0, phase=2.2, curl=-4e-6, wild=42.0),
)

# The piece a megacity is laid out of (demo_megacity.py): grids counts all of them here.
QUARTER = replace(
    STANDARD, name="megacity", square=True, grids=1000, radius=(4100.0, 3500.0), middle=(0.0, 0.0), companies=150,
    warp=Warp(turn=0.0, bend=0.0, wavelength=1e6, phase=0.0, curl=0.0),
)  # fmt: skip

PRESETS: dict[str, Preset] = {preset.name: preset for preset in (STANDARD, HILLS, TINY, QUARTER)}


def preset_of(name: str) -> Preset:
    """The preset of that name. Raises InputError."""
    if name not in PRESETS:
        raise InputError(f'there is no preset "{name}".', where="--preset", todo=f"One of {', '.join(PRESETS)}.")
    return PRESETS[name]
