"""Half a year of tickets for the sample district: late ones, call-backs, repeat points, and the faults real exports have.

Everything comes from one seed and ends on one day, so every machine shows the same numbers.
"""

from __future__ import annotations

import random
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import numpy as np
import shapely
from pyproj import Transformer

from tests.sample.town import CENTRE, CRS, Town

FIRST, LAST = datetime(2025, 1, 1), datetime(2025, 7, 1)  # local time; the export was made at LAST
COUNT = 6000
DEFAULT_ROWS = 140
TIME = "%Y-%m-%d %H:%M:%S"
HEADER = (
    "工单编号", "上报时间", "立案时间", "处置时间", "结案时间", "截止时间", "状态", "来源", "跑道", "类别", "主办单位",
    "经度", "纬度", "社区", "街道", "回访时间", "是否联系", "是否解决", "满意度", "诉求内容",
)  # fmt: skip
CHANNELS = {"12345热线": 0.46, "网格员上报": 0.34, "城管12319": 0.1, "微信小程序": 0.1}
DAY_WEIGHTS = (
    0.2,
    0.1,
    0.1,
    0.1,
    0.1,
    0.2,
    0.6,
    1.4,
    2.6,
    3,
    3,
    2.4,
    1.4,
    1.6,
    2.6,
    2.8,
    2.6,
    2.2,
    1.8,
    1.6,
    1.4,
    1,
    0.6,
    0.3,
)


@dataclass(frozen=True)
class Category:
    """A category of the sample: its track, how often, hours allowed, who answers, what people write."""

    name: str
    track: str
    weight: float
    hours: int
    unit: str
    text: str


CATEGORIES = (
    Category("市容环卫", "民生服务", 20, 24, "综合行政执法局", "垃圾桶满溢，请尽快清运"),
    Category("物业管理", "民生服务", 18, 120, "住房和城乡建设局", "电梯经常停运，物业迟迟不修"),
    Category("停车管理", "平安法治", 14, 48, "交警大队", "消防通道被车辆占用"),
    Category("噪声扰民", "平安法治", 10, 24, "公安分局", "夜间施工噪声太大"),
    Category("供水排水", "民生服务", 8, 48, "水务集团", "楼道水管漏水"),
    Category("道路设施", "民生服务", 8, 168, "交通运输局", "人行道砖松动"),
    Category("路灯照明", "民生服务", 6, 72, "路灯管理所", "路灯不亮"),
    Category("违章搭建", "平安法治", 5, 360, "综合行政执法局", "楼顶私自搭建"),
    Category("市场经营", "经济发展", 5, 120, "市场监督管理局", "商家拒绝退款"),
    Category("园林绿化", "民生服务", 4, 120, "园林中心", "树枝遮挡窗户"),
    Category("党群服务", "党的建设", 2, 72, "街道党群办", "咨询党员服务站开放时间"),
)


def build_tickets(town: Town, seed: int = 20250702) -> list[dict[str, Any]]:
    """The rows of the export, in order of number."""
    writer = _Writer(town, random.Random(seed), np.random.default_rng(seed))
    rows = [writer.row(number) for number in range(1, COUNT + 1)]
    writer.repeat_points(rows)
    writer.defects(rows)
    return [*rows, *(dict(rows[number]) for number in (17, 1717, 3717))]


class _Writer:
    """Draws one ticket after the other."""

    def __init__(self, town: Town, luck: random.Random, noise: np.random.Generator) -> None:
        self._luck, self._noise = luck, noise
        communities = {row["code"]: row for row in town.rows["community"]}
        streets = {row["code"]: row["name"] for row in town.rows["street"]}
        self._cells = [*town.rows["micro_grid"], *(row for row in town.rows["grid"] if row.get("kind") == "dedicated")]
        self._weights = [float(noise.lognormal(0, 0.7)) for _ in self._cells]
        self._named = [(communities[row["parent"][:12]]["name"], streets[row["parent"][:9]]) for row in self._cells]
        self._slowness = {
            name: float(noise.uniform(0.85, 1.35)) for name in {community for community, _ in self._named}
        }
        self._degrees = Transformer.from_crs(CRS, "EPSG:4326", always_xy=True)

    def row(self, number: int) -> dict[str, Any]:
        """One ticket."""
        at = self._luck.choices(range(len(self._cells)), self._weights)[0]
        category = self._luck.choices(CATEGORIES, [one.weight for one in CATEGORIES])[0]
        lon, lat = self._point(self._cells[at]["shape"])
        community, street = self._named[at]
        row: dict[str, Any] = dict.fromkeys(HEADER, "")
        row |= {"工单编号": f"QH2025{number:06d}", "社区": community, "街道": street, "经度": lon, "纬度": lat}
        row |= {"类别": category.name, "跑道": category.track, "主办单位": category.unit, "诉求内容": category.text}
        row["来源"] = self._luck.choices(list(CHANNELS), list(CHANNELS.values()))[0]
        if self._luck.random() < 0.05:
            row["诉求内容"] += "，联系电话13800000000"
        self._life(row, category, self._slowness[community])
        return row

    def _life(self, row: dict[str, Any], category: Category, slowness: float) -> None:
        day = FIRST + timedelta(days=self._luck.randrange((LAST - FIRST).days))
        hour = self._luck.choices(range(24), DAY_WEIGHTS)[0]
        reported = day + timedelta(hours=hour, seconds=self._luck.randrange(3600))
        registered = reported + timedelta(minutes=self._luck.randint(3, 50))
        taken = category.hours * slowness * float(self._noise.lognormal(-0.9, 0.65))
        handled = registered + timedelta(hours=taken)
        closed = handled + timedelta(hours=self._luck.uniform(0.5, 6))
        row["上报时间"], row["截止时间"] = _text(reported), _text(registered + timedelta(hours=category.hours))
        row["立案时间"] = _text(registered) if registered < LAST else ""
        fate = self._luck.random()
        if fate < 0.006:
            row["状态"] = "作废"
        elif fate < 0.009:
            row["状态"] = "缓办"
        elif fate < 0.02 or closed >= LAST:
            row["状态"] = "处置中" if registered < LAST else "已立案"
            row["处置时间"] = _text(handled) if handled < LAST and fate >= 0.02 else ""
        else:
            row["状态"] = "已结案"
            row["处置时间"], row["结案时间"] = _text(handled), _text(closed)
            self._call_back(row, closed, late=taken > category.hours)

    def _call_back(self, row: dict[str, Any], closed: datetime, *, late: bool) -> None:
        called = closed + timedelta(hours=self._luck.uniform(2, 60))
        if self._luck.random() > 0.4 or called >= LAST:
            return
        resolved = self._luck.random() < (0.7 if late else 0.9)
        odds = (0.72, 0.2, 0.08) if resolved else (0.1, 0.25, 0.65)
        row["回访时间"] = _text(called)
        row["是否联系"] = "是" if self._luck.random() < 0.97 else "否"
        row["是否解决"] = "是" if resolved else "否"
        row["满意度"] = self._luck.choices(("满意", "基本满意", "不满意"), odds)[0]

    def repeat_points(self, rows: list[dict[str, Any]]) -> None:
        """Some places that people report again and again."""
        for start in range(0, 8):
            model = rows[200 + start * 300]
            same = [row for row in rows[start::9] if row["类别"] == model["类别"]][:18]
            for row in same:
                row |= {key: model[key] for key in ("社区", "街道")}
                row["经度"] = round(model["经度"] + self._luck.uniform(-0.0001, 0.0001), 6)
                row["纬度"] = round(model["纬度"] + self._luck.uniform(-0.0001, 0.0001), 6)

    def defects(self, rows: list[dict[str, Any]]) -> None:
        """What real exports have: a default point, missing and exchanged coordinates, impossible dates."""
        order = list(range(len(rows)))
        self._luck.shuffle(order)
        for i in order[:DEFAULT_ROWS]:
            rows[i]["经度"], rows[i]["纬度"] = CENTRE
        for i in order[200:380]:
            rows[i]["经度"] = rows[i]["纬度"] = ""
        for i in order[380:400]:
            rows[i] |= {"经度": "", "纬度": "", "社区": "", "街道": ""}
        for i in order[400:410]:
            rows[i]["经度"], rows[i]["纬度"] = rows[i]["纬度"], rows[i]["经度"]
        for i in order[410:418]:
            rows[i]["上报时间"] = "2025-02-30 08:00:00"

    def _point(self, shape: Any) -> tuple[float, float]:
        west, south, east, north = shape.bounds
        while True:
            x, y = self._luck.uniform(west, east), self._luck.uniform(south, north)
            if shapely.contains_xy(shape, x, y):
                lon, lat = self._degrees.transform(x, y)
                return round(lon, 6), round(lat, 6)


def _text(moment: datetime) -> str:
    return moment.strftime(TIME)
