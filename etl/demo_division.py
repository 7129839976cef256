"""How the demo district is divided: blocks into communities and streets, estates into grids, the rest to its neighbours."""

from __future__ import annotations

import random

import numpy as np
import shapely

from etl.demo_coverage import Coverage, Floats, Integers
from etl.demo_land import Parcel
from etl.demo_presets import Preset
from etl.demo_regions import lifted, merge


def _sums(label: Integers, weights: Floats, minlength: int = 0) -> Floats:
    """The sum of the weights of each label."""
    found: Floats = np.bincount(label, weights=weights, minlength=minlength).astype(np.float64)
    return found


def affinity(land: list[Parcel], pairs: Integers) -> Floats:
    """How much a metre of border between parcels binds: walls more than streets, arterials and the river hardly."""
    found = np.empty(len(pairs))
    for n, (a, b) in enumerate(pairs.tolist()):
        one, two = land[a], land[b]
        if a == b:
            found[n] = 3.0
        elif one.bank != two.bank:
            found[n] = 0.005
        elif one.superblock != two.superblock:
            found[n] = 0.2
        else:
            found[n] = 1.6 if one.block == two.block else 0.8
    return found


def communities(
    preset: Preset, land: list[Parcel], parcel: Integers, cover: Coverage, households: Floats, scores: Floats
) -> Integers:
    """Whole blocks joined into communities of about equal weight, then some pairs joined once more."""
    key = [p.block if p.shape is None else len(land) * 2 + i for i, p in enumerate(land)]
    _, block = np.unique(np.array(key)[parcel], return_inverse=True)
    block = block.reshape(-1).astype(np.int64)
    pairs, bond = lifted(cover.pairs, scores, block)
    # Land without homes first goes to the nearest block that has some.
    block = _attached(pairs, bond, _sums(block, weights=households), set())[block]
    block = np.unique(block, return_inverse=True)[1].reshape(-1).astype(np.int64)
    weight = _sums(block, weights=households + shapely.area(cover.polygons) / 3000)
    pairs, bond = lifted(cover.pairs, scores, block)
    count = preset.communities + preset.too_large
    mean = float(weight.sum()) / count
    label = merge(weight, pairs, bond, count, most=1.55 * mean, even=1.1)
    pairs, bond = lifted(pairs, bond, label)
    size = _sums(label, weights=weight)[pairs].sum(axis=1)
    bond = bond * ((size > 1.75 * mean) & (size < 2.5 * mean)) + bond * 1e-6
    return _joined(label, pairs, bond, preset.too_large)[block]


def _joined(label: Integers, pairs: Integers, bond: Floats, count: int) -> Integers:
    """Join `count` pairs of neighbours, the closest bound first, none twice: the communities that are too large."""
    used: set[int] = set()
    into = np.arange(int(label.max()) + 1)
    for at in np.argsort(-bond, kind="stable").tolist():
        a, b = pairs[at].tolist()
        if count and a not in used and b not in used:
            used |= {a, b}
            into[b] = a
            count -= 1
    _, dense = np.unique(into, return_inverse=True)
    found: Integers = dense.reshape(-1).astype(np.int64)[label]
    return found


def streets(preset: Preset, cover: Coverage, community: Integers, households: Floats, scores: Floats) -> Integers:
    """The street of every community."""
    weight = _sums(community, weights=households + shapely.area(cover.polygons) / 3000)
    pairs, bond = lifted(cover.pairs, scores, community)
    return merge(weight, pairs, bond, preset.streets, most=1.4 * float(weight.sum()) / preset.streets, even=1.0)


def grids(
    preset: Preset,
    land: list[Parcel],
    parcel: Integers,
    cover: Coverage,
    community: Integers,
    households: Floats,
    scores: Floats,
    luck: random.Random,
) -> tuple[Integers, Integers, set[int]]:
    """(micro-grid of every cell or -1, grid of every cell, the dedicated grids)."""
    inside = community[cover.pairs[:, 0]] == community[cover.pairs[:, 1]]
    pairs, bond = cover.pairs[inside], scores[inside]
    alone = _dedicated(preset, land, parcel, cover, community, households)
    # Cells without homes go to a micro-grid beside them, one after the other from its side outwards.
    micro = _attached(pairs, bond, households, alone)
    alone |= {int(c) for c in np.flatnonzero(micro < 0)}
    homes = np.array([c not in alone for c in range(len(parcel))])
    chain = _chains(parcel, households, luck)
    start = np.where(homes, chain[np.maximum(micro, 0)], -1)
    names, dense = np.unique(start[homes], return_inverse=True)
    node = np.full(len(parcel), -1, dtype=np.int64)
    node[homes] = dense.reshape(-1)
    weight = _sums(node[homes], weights=households[homes], minlength=len(names))
    kept = homes[pairs].all(axis=1)
    lifted_pairs, lifted_bond = lifted(pairs[kept], bond[kept], node)
    frozen = {float(w) for w in weight if luck.random() < 0.03}
    label = merge(
        weight,
        lifted_pairs,
        lifted_bond,
        preset.grids - (len(alone) if preset.square else 0),
        most=590,
        done=lambda w: w > 430 or w in frozen,
    )
    grid = np.full(len(parcel), -1, dtype=np.int64)
    grid[homes] = label[node[homes]]
    first = int(label.max()) + 1
    dedicated: set[int] = set()
    for c in sorted(alone):
        grid[c] = first + len(dedicated)
        dedicated.add(int(grid[c]))
    return np.where(homes, micro, -1), grid, dedicated


def _dedicated(
    preset: Preset, land: list[Parcel], parcel: Integers, cover: Coverage, community: Integers, households: Floats
) -> set[int]:
    """Cells that become grids of their own: the riverside, campuses, malls, markets, works, large parks."""
    rank = {"campus": 0, "riverside": 1, "mall": 2, "market": 3, "industry": 4, "park": 5, "hospital": 6, "office": 7}
    area = shapely.area(cover.polygons)
    free = [
        (rank[land[p].use], -area[c], c)
        for c, p in enumerate(parcel.tolist())
        if land[p].use in rank and area[c] > 9000 and land[p].shape is None
    ]
    lived = set(np.flatnonzero(np.bincount(community, weights=households)).tolist())
    free = [f for f in sorted(free) if int(community[f[2]]) in lived]
    per_use: dict[int, int] = {}
    found: set[int] = set()
    for use, _, c in free:
        if len(found) < preset.dedicated and per_use.get(use, 0) < max(2, preset.dedicated // 4):
            per_use[use] = per_use.get(use, 0) + 1
            found.add(c)
    return found


def _attached(pairs: Integers, bond: Floats, households: Floats, alone: set[int]) -> Integers:
    """For every cell the cell with homes it belongs to (itself, if it has some); -1 where none can be reached."""
    owner = np.where(households > 0, np.arange(len(households)), -1)
    owner[list(alone)] = -1
    near: dict[int, list[tuple[float, int]]] = {}
    for (a, b), score in zip(pairs.tolist(), bond.tolist(), strict=True):
        near.setdefault(a, []).append((score, b))
        near.setdefault(b, []).append((score, a))
    open_cells = [c for c in range(len(owner)) if owner[c] < 0 and c not in alone]
    while open_cells:
        taken = {}
        for c in open_cells:
            beside = [(score, -n) for score, n in near.get(c, []) if owner[n] >= 0]
            if beside:
                taken[c] = owner[-max(beside)[1]]
        if not taken:
            break
        for c, cell in taken.items():
            owner[c] = cell
        open_cells = [c for c in open_cells if c not in taken]
    found: Integers = owner.astype(np.int64)
    return found


def _chains(parcel: Integers, households: Floats, luck: random.Random) -> Integers:
    """Runs of an estate's cells of about a grid each; small estates are one run, and some large ones, as in life, too."""
    chain = np.full(len(parcel), -1, dtype=np.int64)
    total = _sums(parcel, weights=households)
    number = -1
    last, before = -1, 0.0
    runs = 1
    for c, p in enumerate(parcel.tolist()):
        if p != last:
            last, before = p, 0.0
            runs = max(1, round(total[p] / 420))
            if runs == 2 and luck.random() < 0.22:
                runs = 1
            first = number + 1
        chain[c] = first + min(runs - 1, int((before + households[c] / 2) / max(total[p], 1) * runs))
        number = max(number, int(chain[c]))
        before += households[c]
    return chain
