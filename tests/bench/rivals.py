"""The other tools that divide a graph: METIS and KaHIP always, GerryChain and spopt where minutes may be spent.

Each gets units and borders and gives part[n], or nothing where it failed or its time ran out. All but METIS run in a
process of their own, which is ended after a minute: KaHIP ends its process where it finds no first plan.
"""

from __future__ import annotations

import pickle
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import pymetis
from numpy.typing import NDArray
from scipy.optimize import linear_sum_assignment

from planning.graph import Graph
from planning.plan import measured
from planning.seeds import rows
from planning.units import Units

Parts = NDArray[np.int64]
SLOW_SECONDS = 60


def shares(cells: Units, parts: int) -> list[tuple[NDArray[np.int64], int]]:
    """The communities' units and parts, by their households."""
    groups = [np.flatnonzero(cells.community == name) for name in np.unique(cells.community)]
    if len(groups) == 1:
        return [(groups[0], parts)]
    mean = cells.weight.sum() / parts
    return [(nodes, max(1, round(cells.weight[nodes].sum() / mean))) for nodes in groups]


def metis(cells: Units, graph: Graph, parts: int, seed: int) -> Parts:
    """METIS k-way, contiguous, ufactor 100, community by community."""
    part, done = np.zeros(len(cells), np.int64), 0
    for nodes, k in shares(cells, parts):
        near = rows(graph.only(nodes))
        options = pymetis.Options(contig=1, ufactor=100, seed=seed)
        asked = pymetis.part_graph(k, near, vweights=cells.weight[nodes].astype(np.int32), options=options)
        part[nodes] = np.asarray(asked[1]) + done
        done += k
    return part


def best_metis(cells: Units, graph: Graph, parts: int, low: float, high: float, seconds: float) -> tuple[Parts, int]:
    """The best of the seeds that fit in the seconds, and how many did."""
    began, seed, best, found = time.process_time(), 0, (-1.0, -1.0), np.zeros(len(cells), np.int64)
    while time.process_time() - began < seconds:
        seed += 1
        part = metis(cells, graph, parts, seed)
        plan = measured(cells, graph, part, low, high)
        if (plan.in_band, plan.roundness) > best:
            best, found = (plan.in_band, plan.roundness), part
    return found, seed


def kahip(cells: Units, graph: Graph, parts: int) -> Parts:
    """KaHIP's kaffpa, preconfiguration eco, 9 % imbalance, community by community; it knows no contiguity."""
    import kahip as library

    part, done = np.zeros(len(cells), np.int64), 0
    for nodes, k in shares(cells, parts):
        near = rows(graph.only(nodes))
        start, to = list(near.adj_starts), list(near.adjacent)
        _, blocks = library.kaffpa(cells.weight[nodes].tolist(), start, [1] * len(to), to, k, 0.09, True, 1, 1)
        part[nodes] = np.asarray(blocks) + done
        done += k
    return part


def gerrychain(cells: Units, graph: Graph, parts: int) -> Parts:
    """GerryChain's recursive tree partition, within a tenth."""
    import random

    import networkx
    from gerrychain import Graph as Chained
    from gerrychain.partition import recursive_tree_part

    random.seed(1)
    made = networkx.Graph()
    made.add_nodes_from((i, {"households": int(w)}) for i, w in enumerate(cells.weight))
    made.add_edges_from(zip(graph.tail.tolist(), graph.head.tolist(), strict=True))
    found = recursive_tree_part(
        Chained.from_networkx(made), range(parts), cells.weight.sum() / parts, "households", 0.1
    )
    return np.array([found[i] for i in range(len(cells))])


def spopt(cells: Units, graph: Graph, parts: int) -> Parts:
    """spopt's max-p with a floor of nine tenths of the mean: as many parts as reach it."""
    import geopandas
    import libpysal
    import spopt as library

    near: dict[int, list[int]] = {i: [] for i in range(graph.n)}
    for a, b in zip(graph.tail.tolist(), graph.head.tolist(), strict=True):
        near[a].append(b)
        near[b].append(a)
    frame = geopandas.GeoDataFrame({"households": cells.weight.astype(float)})
    floor = 0.9 * cells.weight.sum() / parts
    model = library.region.MaxPHeuristic(frame, libpysal.weights.W(near), ["households"], "households", floor, 2)
    model.solve()
    return np.asarray(model.labels_, np.int64)


def within_a_minute(name: str, cells: Units, graph: Graph, parts: int) -> Parts | None:
    """What the named tool finds in a process of its own; None when it fails or a minute is over."""
    with tempfile.TemporaryDirectory(prefix="jingwei-rival-") as made:
        asked, answer = Path(made) / "asked", Path(made) / "answer.npy"
        asked.write_bytes(pickle.dumps((cells, graph, parts)))
        command = [sys.executable, "-m", "tests.bench.rivals", name, str(asked), str(answer)]
        try:
            subprocess.run(command, timeout=SLOW_SECONDS, check=True, stderr=subprocess.DEVNULL)
        except (subprocess.TimeoutExpired, subprocess.CalledProcessError):
            return None
        return np.asarray(np.load(answer), np.int64)


def drawn(
    cells: Units, graph: Graph, parts: int, low: float, high: float, seconds: float, *, every: bool
) -> dict[str, Parts | None]:
    """The plans of the other tools by what the table calls them; None: no plan."""
    best, tries = best_metis(cells, graph, parts, low, high, seconds)
    found: dict[str, Parts | None] = {f"METIS, best of {tries} seeds in {seconds:g} s": best}
    for name in ("kahip", "gerrychain", "spopt") if every else ("kahip",):
        plan = within_a_minute(name, cells, graph, parts)
        found[name if plan is not None else f"{name}: no plan in {SLOW_SECONDS} s"] = plan
    return found


def matched(part: Parts, current: Parts, weight: NDArray[np.int64]) -> Parts:
    """The plan with its parts named after the current parts they hold most households of, one to one."""
    _, new = np.unique(part, return_inverse=True)
    names, old = np.unique(current, return_inverse=True)
    common = np.zeros((int(new.max()) + 1, len(names)))
    np.add.at(common, (new, old), weight)
    given, taken = linear_sum_assignment(-common)
    label = np.full(common.shape[0], -1, np.int64)
    label[given] = names[taken]
    return label[new]


if __name__ == "__main__":
    called, asked, answer = sys.argv[1:]
    np.save(answer, globals()[called](*pickle.loads(Path(asked).read_bytes())))  # noqa: S301 (written by our own parent)
