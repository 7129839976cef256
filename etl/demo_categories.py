"""What is reported in the demo district: about sixty categories of the four tracks, and how each of them behaves.

Shares, service levels and rhythms are invented, but in the proportions of published hotline and grid statistics: most is about
homes, parking and the street in front of the door; party and business matters are few. Every number is a default of the
demo and of nothing else.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import accumulate

# Shares of the channels, by the kind of matter.
CHANNELS = ("12345热线", "网格员上报", "城管12319", "微信小程序", "视频巡查")
MIXES: dict[str, tuple[float, ...]] = {
    "hotline": (0.66, 0.11, 0.03, 0.20, 0.00),
    "both": (0.46, 0.31, 0.07, 0.16, 0.00),
    "patrol": (0.12, 0.66, 0.12, 0.07, 0.03),
    "street": (0.24, 0.34, 0.27, 0.07, 0.08),
    "desk": (0.42, 0.16, 0.00, 0.42, 0.00),
}

# Weights of the 24 hours, by when such things are noticed.
DAYS: dict[str, tuple[float, ...]] = {
    "home": (2, 1, 1, 1, 1, 2, 6, 14, 24, 27, 25, 20, 15, 15, 20, 22, 22, 21, 22, 26, 25, 18, 10, 4),
    "office": (0, 0, 0, 0, 0, 0, 1, 6, 24, 34, 32, 22, 10, 14, 30, 32, 28, 18, 8, 6, 4, 2, 1, 0),
    "street": (1, 1, 0, 0, 1, 3, 10, 22, 30, 30, 28, 20, 12, 16, 26, 28, 26, 20, 14, 12, 8, 5, 3, 2),
    "night": (10, 6, 4, 3, 2, 2, 4, 6, 8, 8, 8, 8, 9, 9, 8, 8, 8, 10, 14, 20, 26, 32, 30, 18),
    "commute": (1, 0, 0, 0, 0, 2, 14, 34, 32, 16, 12, 12, 12, 10, 10, 12, 18, 32, 30, 22, 14, 8, 4, 2),
    "any": (3, 2, 2, 2, 2, 3, 6, 10, 14, 15, 14, 13, 12, 12, 13, 14, 14, 14, 13, 12, 11, 9, 7, 4),
}

# Weights of the months, January first.
SEASONS: dict[str, tuple[float, ...]] = {
    "even": (1,) * 12,
    "summer": (0.5, 0.5, 0.7, 0.9, 1.2, 1.5, 1.7, 1.7, 1.3, 0.9, 0.6, 0.5),
    "winter": (2.6, 2.1, 1.3, 0.5, 0.2, 0.1, 0.1, 0.1, 0.2, 0.6, 1.8, 2.6),
    "rain": (0.5, 0.6, 0.8, 1.0, 1.2, 1.6, 1.6, 1.5, 1.1, 0.8, 0.7, 0.6),
    "leaves": (0.6, 0.6, 0.9, 1.2, 1.2, 1.1, 1.1, 1.1, 1.2, 1.3, 1.3, 0.7),
    "new_year": (1.7, 1.7, 1.0, 0.9, 0.9, 0.9, 0.9, 0.9, 1.0, 1.0, 0.9, 1.1),
}


@dataclass(frozen=True)
class Category:
    """A category: how often, how long it may take, who answers, where it is found, how it comes in, when.

    hours: service level, in working hours if clock is "working". lead: property, community, patrol, micro, "street:OFFICE" or
    "dept:NAME". where: home, tower, road, water, green, market, works, office. weekend: weight of a day off, of 1. storm: weight
    in a rainstorm.
    """

    code: str
    name: str
    group: str
    track: str
    weight: float
    hours: float
    clock: str
    lead: str
    where: str
    mix: str
    day: str
    season: str = "even"
    weekend: float = 0.9
    storm: float = 0.0


GROUPS: dict[str, tuple[str, str]] = {
    "property": ("物业服务", "livelihood"), "homes": ("房屋住宅", "livelihood"), "pipes": ("水电气暖", "livelihood"),
    "sanitation": ("市容环卫", "livelihood"), "roads": ("市政道路", "livelihood"), "green": ("园林绿化", "livelihood"),
    "welfare": ("民政社保", "livelihood"), "flood": ("防汛内涝", "safety_law"), "traffic": ("交通停车", "safety_law"),
    "noise": ("噪声扰民", "safety_law"), "order": ("社会治安", "safety_law"), "fire": ("消防安全", "safety_law"),
    "building": ("违法建设", "safety_law"), "dispute": ("矛盾纠纷", "safety_law"), "market": ("市场监管", "economy"),
    "labour": ("劳动用工", "economy"), "business": ("营商服务", "economy"), "party": ("党群服务", "party_building"),
}  # fmt: skip


def _rows() -> list[tuple[object, ...]]:
    w, n = "working", "natural"
    return [
        ("电梯故障", "property", 13, 24, n, "property", "tower", "hotline", "home", "even", 1.1, 5.0),
        ("物业维修不及时", "property", 21, 40, w, "property", "home", "hotline", "home"),
        ("公共区域保洁", "property", 15, 16, w, "property", "home", "both", "home", "even", 1.05),
        ("楼道照明", "property", 8, 24, w, "property", "home", "both", "night", "even", 1.0),
        ("门禁与监控", "property", 7, 40, w, "property", "home", "both", "home"),
        ("物业收费争议", "property", 12, 80, w, "dept:住房和城乡建设局", "home", "hotline", "office", "new_year", 0.5),
        ("业委会与换届", "property", 4, 120, w, "street:社会事务办", "home", "hotline", "office", "even", 0.5),
        ("小区绿化养护", "property", 6, 56, w, "property", "home", "both", "street", "leaves"),
        ("房屋渗漏", "homes", 12, 120, w, "property", "home", "hotline", "home", "rain", 0.95, 22.0),
        ("外墙脱落", "homes", 4, 48, n, "dept:住房和城乡建设局", "home", "both", "street", "rain", 0.9, 6.0),
        ("装修违规", "homes", 5, 40, w, "property", "home", "hotline", "home", "even", 1.2),
        ("维修资金使用", "homes", 3, 120, w, "dept:住房和城乡建设局", "home", "desk", "office", "even", 0.3),
        ("停水与水压", "pipes", 9, 12, n, "dept:水务集团", "home", "hotline", "home", "summer", 1.0, 3.0),
        ("管道漏水", "pipes", 8, 24, n, "dept:水务集团", "home", "both", "home", "rain", 1.0, 9.0),
        ("停电与线路", "pipes", 7, 12, n, "dept:供电公司", "home", "hotline", "any", "summer", 1.0, 24.0),
        ("燃气使用", "pipes", 4, 12, n, "dept:燃气公司", "home", "hotline", "home", "winter"),
        ("供暖不热", "pipes", 8, 24, n, "dept:热力公司", "home", "hotline", "any", "winter", 1.1),
        ("污水外溢", "pipes", 7, 24, n, "dept:市政管理所", "road", "both", "street", "rain", 1.0, 16.0),
        ("垃圾满溢", "sanitation", 24, 8, n, "dept:环境卫生中心", "home", "patrol", "street", "summer", 1.05),
        ("垃圾分类投放", "sanitation", 9, 16, w, "community", "home", "patrol", "street", "summer"),
        ("暴露垃圾", "sanitation", 26, 8, n, "micro", "road", "patrol", "street", "summer", 0.75),
        ("乱堆物料", "sanitation", 22, 24, n, "micro", "home", "patrol", "street", "even", 0.7),
        ("小广告", "sanitation", 19, 24, n, "micro", "road", "patrol", "street", "even", 0.65),
        ("占道经营", "sanitation", 22, 4, n, "street:综合行政执法队", "market", "street", "commute", "summer", 1.15),
        ("建筑垃圾清运", "sanitation", 7, 48, n, "street:综合行政执法队", "works", "street", "street"),
        ("公厕管理", "sanitation", 3, 8, n, "dept:环境卫生中心", "green", "street", "street"),
        ("油烟异味", "sanitation", 6, 56, w, "dept:生态环境分局", "market", "hotline", "night", "summer", 1.15),
        ("路面破损", "roads", 10, 72, n, "dept:市政管理所", "road", "street", "street", "rain", 0.8, 4.0),
        ("井盖缺损", "roads", 6, 6, n, "dept:市政管理所", "road", "street", "street", "rain", 0.9, 10.0),
        ("路灯不亮", "roads", 8, 48, n, "dept:市政管理所", "road", "both", "night", "even", 1.0, 5.0),
        ("人行道与盲道", "roads", 5, 72, n, "dept:市政管理所", "road", "street", "street"),
        ("护栏与标志", "roads", 4, 48, n, "dept:交警大队", "road", "street", "street", "even", 0.9, 3.0),
        ("施工围挡", "roads", 4, 24, n, "dept:住房和城乡建设局", "works", "street", "street"),
        ("树木倒伏", "green", 2, 12, n, "dept:园林绿化中心", "green", "both", "any", "rain", 1.0, 30.0),
        ("树枝遮挡修剪", "green", 6, 56, w, "dept:园林绿化中心", "home", "both", "street", "leaves", 0.8, 2.0),
        ("绿地破坏", "green", 4, 40, w, "dept:园林绿化中心", "green", "patrol", "street", "leaves"),
        ("公园设施", "green", 3, 56, w, "dept:园林绿化中心", "green", "both", "street", "leaves", 1.3),
        ("养老服务", "welfare", 5, 40, w, "street:社会事务办", "home", "desk", "office", "even", 0.4),
        ("救助与低保", "welfare", 4, 40, w, "community", "home", "desk", "office", "winter", 0.4),
        ("社保医保咨询", "welfare", 7, 24, w, "street:社会事务办", "home", "desk", "office", "new_year", 0.3),
        ("入学入托", "welfare", 4, 40, w, "dept:教育局", "home", "hotline", "office", "summer", 0.5),
        ("道路积水", "flood", 1.2, 6, n, "dept:市政管理所", "water", "both", "any", "rain", 1.0, 60.0),
        ("地下空间进水", "flood", 0.5, 4, n, "street:应急办", "water", "hotline", "any", "rain", 1.0, 38.0),
        ("河道与排口", "flood", 2.5, 48, n, "dept:水务局", "water", "patrol", "street", "rain", 0.8, 6.0),
        ("违停", "traffic", 34, 4, n, "dept:交警大队", "road", "both", "commute", "even", 1.1),
        ("小区停车管理", "traffic", 13, 40, w, "property", "home", "hotline", "night", "even", 1.05),
        ("非机动车停放", "traffic", 21, 8, n, "patrol", "road", "patrol", "commute", "even", 0.8),
        ("信号灯与标线", "traffic", 4, 48, n, "dept:交警大队", "road", "both", "commute", "even", 0.9, 3.0),
        ("公交线路站点", "traffic", 3, 120, w, "dept:交通运输局", "road", "hotline", "commute", "even", 0.6),
        ("施工噪声", "noise", 10, 8, n, "dept:生态环境分局", "works", "hotline", "night", "summer", 1.1),
        ("生活噪声", "noise", 9, 12, n, "dept:公安分局", "home", "hotline", "night", "summer", 1.2),
        ("商业噪声", "noise", 7, 24, n, "street:综合行政执法队", "market", "hotline", "night", "summer", 1.25),
        ("养犬管理", "order", 8, 24, n, "dept:公安分局", "home", "both", "street", "summer", 1.15),
        ("治安隐患", "order", 4, 24, n, "dept:公安分局", "home", "both", "night"),
        ("群租房", "order", 3, 80, w, "street:平安建设办", "home", "both", "office"),
        ("消防通道占用", "fire", 12, 12, n, "patrol", "home", "patrol", "night", "even", 1.0),
        ("飞线充电", "fire", 11, 12, n, "patrol", "home", "patrol", "night"),
        ("消防设施损坏", "fire", 5, 40, w, "property", "home", "patrol", "office"),
        ("违法搭建", "building", 7, 160, w, "street:综合行政执法队", "home", "both", "street"),
        ("破坏承重墙", "building", 1.5, 40, w, "dept:住房和城乡建设局", "home", "hotline", "home"),
        ("邻里纠纷", "dispute", 7, 56, w, "community", "home", "both", "home", "new_year", 1.1),
        ("婚姻家庭纠纷", "dispute", 2, 56, w, "community", "home", "desk", "home", "new_year"),
        ("消费投诉", "market", 14, 56, w, "dept:市场监督管理局", "market", "hotline", "office", "new_year", 1.0),
        ("食品安全", "market", 6, 40, w, "dept:市场监督管理局", "market", "hotline", "any", "summer", 1.1),
        ("无证经营", "market", 4, 56, w, "dept:市场监督管理局", "market", "both", "street"),
        ("拖欠工资", "labour", 5, 80, w, "dept:人力资源和社会保障局", "works", "hotline", "office", "new_year", 0.5),
        ("劳动合同", "labour", 3, 80, w, "dept:人力资源和社会保障局", "office", "hotline", "office", "even", 0.3),
        ("惠企政策咨询", "business", 4, 24, w, "street:经济发展办", "office", "desk", "office", "even", 0.2),
        ("证照办理", "business", 4, 24, w, "dept:行政审批局", "office", "desk", "office", "even", 0.2),
        ("党员服务", "party", 3, 24, w, "street:党群工作办", "home", "desk", "office", "even", 0.4),
        ("志愿服务与活动", "party", 4, 40, w, "community", "home", "patrol", "office", "even", 1.2),
        ("党建阵地设施", "party", 1.5, 56, w, "street:党群工作办", "office", "patrol", "office", "even", 0.3),
    ]  # fmt: skip


def _coded() -> tuple[Category, ...]:
    groups = list(GROUPS)
    numbers: dict[str, int] = {}
    found = []
    for name, group, *rest in _rows():
        key = str(group)
        numbers[key] = numbers.get(key, 0) + 1
        code = f"{groups.index(key) + 1:02d}{numbers[key]:02d}"
        found.append(Category(code, str(name), GROUPS[key][0], GROUPS[key][1], *rest))  # type: ignore[arg-type]
    return tuple(found)


CATEGORIES: tuple[Category, ...] = _coded()


def cumulative(weights: tuple[float, ...]) -> list[float]:
    """Running sums of some weights, ending in 1."""
    total = sum(weights)
    return [value / total for value in accumulate(weights)]
