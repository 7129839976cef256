"""A small town of names: estates of one name, look-alike names, door-plate names, and buildings with entrances."""

from __future__ import annotations

import pyarrow as pa

AREAS = (
    (1, "district", "990101", "青禾区", None),
    (2, "street", "S1", "清溪街道", 1),
    (3, "street", "S2", "望江街道", 1),
    (4, "community", "C1", "柳岸社区", 2),
    (5, "community", "C2", "石桥社区", 2),
    (6, "community", "C3", "荷塘社区", 3),
)
# place id, code, name, aliases, community, buildings
ESTATES = (
    (10, "E1", "青松苑", ["松苑"], 4, 12),
    (11, "E2", "翠竹花园", ["翠竹"], 4, 6),
    (12, "E3", "金桂花园", [], 5, 5),
    (13, "E4", "金桂花园", [], 6, 3),
    (14, "E5", "第一纺织厂家属院", ["一纺院"], 5, 4),
    (15, "E6", "望江路12号院", [], 6, 2),
    (16, "E7", "红枫一村", [], 6, 9),
    (17, "E8", "红枫二村", [], 6, 9),
    (18, "E9", "桂花公馆", [], 4, 3),
    (19, "E10", "社区新苑", [], 6, 2),
)


def tree() -> pa.Table:
    """The tree as `data/atlas.py` gives it, without shapes. Every building has entrances 1 to 3; building 1 of E9 is a tower
    with one entrance in two ranges of floors, its building 2 is called A座, its building 3 门房."""
    rows = [(place, level, code, name, [], parent) for place, level, code, name, parent in AREAS]
    number = 100
    for place, code, name, aliases, community, buildings in ESTATES:
        rows.append((place, "estate", code, name, aliases, community))
        for b in range(1, buildings + 1):
            number += 1
            title = {("E9", 2): "A座", ("E9", 3): "门房"}.get((code, b), f"{b}号楼")
            rows.append((number, "building", f"{code}-{b}", title, [], place))
            own = number
            blocks = ("1单元1–9层", "1单元10–18层") if (code, b) == ("E9", 1) else ("1单元", "2单元", "3单元")
            for u, block in enumerate(blocks, 1):
                number += 1
                rows.append((number, "block", f"{code}-{b}-{u}", block, [], own))
    names = ("place_id", "level", "code", "name", "aliases", "parent_id")
    return pa.table({name: [row[at] for row in rows] for at, name in enumerate(names)})
