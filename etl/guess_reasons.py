"""Why a line was proposed, in words. A finding carries codes and numbers; a person reads them in their language."""

from __future__ import annotations

from typing import Any, Final

Reason = tuple[str, dict[str, Any]]

# English first, then Chinese, by code.
TEXTS: Final[dict[str, tuple[str, str]]] = {
    "header": ('header "{column}" says {meaning}', "列名“{column}”表示{meaning}"),
    "values_say": ("its values say {meaning}", "从取值看是{meaning}"),
    "parse": ("{share} parse as {format}", "{share}可按 {format} 解析"),
    "typed": ("the file stores it as a time", "文件中已是时间类型"),
    "over_12": ("values above 12 tell day from month", "有大于 12 的数，可区分日与月"),
    "neighbour": ("day and month as in the neighbouring column", "日月顺序与相邻时间列一致"),
    "order": ("so that fewer tickets end before they begin", "按此顺序，先结后报的最少"),
    "span": ("day and month by the shorter time span only", "日月顺序仅凭时间跨度较短推断"),
    "two_columns": ("date and time stand in {count} columns", "日期与时间分在 {count} 列"),
    "after": ("{share} lie after {other}", "{share}晚于 {other}"),
    "before": ("{share} lie before {other}", "{share}早于 {other}"),
    "filled": ("filled in {share} of rows", "{share}的行有值"),
    "unique": ("unique in all {rows} rows", "全部 {rows} 行无重复"),
    "unique_read": ("unique in the {rows} rows read", "已读 {rows} 行无重复"),
    "repeats": ("{count} of {rows} rows repeat an id", "{rows} 行中有 {count} 行编号重复"),
    "counter": ("a plain row counter, which may change from export to export", "只是行号，换一次导出可能就变"),
    "distinct": ("{count} different values", "共 {count} 种取值"),
    "dates_there": ("closing time and deadline are both there", "结案时间与时限俱全"),
    "version": ("the version of this form", "本格式的版本"),
    "earliest": ("filled everywhere and before every other time", "每行都有，且早于其他时间"),
    "with_status": ("filled where the status says closed, and only there", "状态为已结的行才有值"),
    "fallback_close": (
        "no closing time; the end of handling is the last time there is",
        "没有结案时间，以处置完成时间代替",
    ),
    "word": ('"{word}" is known as {meaning}', "“{word}”通常表示{meaning}"),
    "with_close": ("{share} of its {count} rows have a closing time", "{count} 行中{share}有结案时间"),
    "rows": ("{count} rows", "{count} 行"),
    "contradiction": (
        "the status says otherwise than the closing time on {count} rows",
        "有 {count} 行状态与结案时间矛盾",
    ),
    "flag_agrees": (
        "agrees with closing before the deadline on {share} of {count} rows",
        "与按时限计算的结果在 {count} 行中{share}一致",
    ),
    "dates_known": (
        "closing time and deadline are both there; the flag is a check",
        "结案时间与时限俱全，标志只作核对",
    ),
    "flag_only": ("no deadline in the file, the flag is all there is", "文件中没有时限，只有标志可用"),
    "flag_closes": ("no status and no closing time: a set flag means closed", "既无状态又无结案时间：有标志即为已结"),
    "no_deadline": ("neither a deadline nor a flag", "既无时限也无标志"),
    "range": ("{share} lie between {low} and {high}", "{share}在 {low} 与 {high} 之间"),
    "swapped": ("the headers are exchanged: the values say so", "列名颠倒，以取值为准"),
    "point_text": ("{share} read as two numbers", "{share}可读出两个数"),
    "degrees": ("degrees of longitude and latitude", "经纬度（度）"),
    "fit_columns": (
        "lands {metres} m from longitude and latitude in the same rows (median of {count})",
        "与同行经纬度相差中位数 {metres} 米（{count} 行）",
    ),
    "fit_tree": ("{share} of points lie in the district's polygons", "{share}的点落在本区边界内"),
    "by_range": ("the size of the numbers", "由数值大小推断"),
    "next_best": ("next best: {other}", "其次：{other}"),
    "china": ("lies in China, where maps are often offset", "位于中国，坐标可能经过偏移加密"),
    "named_crs": ('the name "{word}" says so', "名称“{word}”已注明"),
    "tree_names": (
        "{share} of its values are names or codes of level {level}",
        "{share}的取值与{level}层级的名称或代码相符",
    ),
    "suffix": ("{share} end in words of this level", "{share}以该层级的字样结尾"),
    "nested": ("its areas lie inside those of {other}", "其范围都在“{other}”之内"),
    "wide": ("larger areas than {other}", "范围大于“{other}”"),
    "pairs": ("each value of {other} has one of it", "与“{other}”的取值一一对应"),
    "content": (
        "free text, {length} characters on average; phone and identity numbers are masked",
        "自由文本，平均 {length} 字；电话与证件号会被遮盖",
    ),
    "encoding": ("found by looking at the bytes", "由字节内容判定"),
    "delimiter": ("cells come apart evenly", "按此分隔各行列数一致"),
    "layers": ("one of {count} layers", "{count} 个图层之一"),
    "header_row": ("the first row with all the column names", "第一个列名齐全的行"),
    "markers": ("cells that mean nothing: {counts}", "表示空值的单元格：{counts}"),
    "zone_given": ("as given", "按所给时区"),
    "zone_asked": ("the file does not say; the deployment's zone is taken", "文件未注明，采用本部署的时区"),
    "tag_wrong": (
        "as written the day's middle lies at {written} h, after the tag at {shifted} h",
        "按原文活动中心在 {written} 时，按标记换算则在 {shifted} 时",
    ),
    "key": ("no id; together unique in {share} of rows", "没有编号；组合后{share}的行不重复"),
    "from_file": ("from the file's name", "取自文件名"),
    "source_known": (
        "the store knows this source: {share} of the columns of its last mapping are here",
        "库中已有此来源：其上次映射的列{share}在本文件中",
    ),
    "source_taken": ('the store\'s source "{source}" has other columns', "库中来源“{source}”的列与此不同"),
    "kind_tickets": ("{count} columns of times, {rows} rows", "{count} 个时间列，{rows} 行"),
    "kind_places": ("{what}", "{what}"),
    "level_word": ('"{word}" names the level', "“{word}”指明层级"),
    "level_count": ("by their number ({count}) and size", "由数量（{count}）与大小推断"),
    "given": ("as given", "按所给"),
    "in_file": ("the file says so", "文件中已注明"),
    "crs_fit": ("the only common system that puts them on land near the district", "常用坐标系中唯一落在本区附近的"),
    "service_constant": ("{hours} h on the rows of this category", "该类别各行均为 {hours} 小时"),
    "clock_default": ("nothing says working days", "未注明工作日"),
    "unknown_other": ("words not listed here stop in quarantine", "未列出的词进入隔离区"),
    "status_wins": ("the status decides where it contradicts the date", "状态与日期矛盾时以状态为准"),
    "date_wins": ("the date decides where it contradicts the status", "状态与日期矛盾时以日期为准"),
    "low": ("too uncertain; take away the # if it is right", "把握不足；若正确请去掉行首 #"),
    "same_as_code": ("no column of names; the code stands in", "没有名称列，以代码代替"),
    "households_size": ("{count} households each, about", "每个约 {count} 户"),
    "prefix": ("its values begin the codes", "其取值是代码的开头部分"),
    "addresses": (
        "{share} of its texts name an estate of the district; the texts are not kept",
        "{share}的文本可认出本区小区；原文不留存",
    ),
    "latest": ("the latest of {count} such columns", "{count} 个同类列中最近的一个"),
    "code_column": ("codes of {other}", "“{other}”的代码"),
}

MEANINGS: Final[dict[str, tuple[str, str]]] = {
    "id": ("the ticket's number", "工单编号"),
    "reported_at": ("the time of the report", "上报时间"),
    "registered_at": ("the time of registration", "立案（受理）时间"),
    "handled_at": ("the end of handling", "处置完成时间"),
    "closed_at": ("the closing time", "结案时间"),
    "due_at": ("the deadline", "办结时限"),
    "handle_due_at": ("the deadline of handling", "处置时限"),
    "updated_at": ("the last change", "更新时间"),
    "called_back_at": ("the time of the call-back", "回访时间"),
    "parent_id": ("the parent ticket", "上级工单"),
    "status": ("the status", "状态"),
    "channel": ("the channel", "来源渠道"),
    "track": ("the track", "跑道"),
    "category": ("the category", "类别"),
    "category_code": ("the category's code", "类别代码"),
    "unit": ("the handling unit", "承办单位"),
    "unit_code": ("the unit's code", "单位代码"),
    "on_time": ("on time or not", "是否按时"),
    "on_time_late": ("late or not", "是否超期"),
    "contacted": ("contacted or not", "是否联系"),
    "resolved": ("resolved or not", "是否解决"),
    "satisfaction": ("satisfaction", "满意度"),
    "note": ("the content", "诉求内容"),
    "lon": ("longitude", "经度"),
    "lat": ("latitude", "纬度"),
    "x": ("an easting", "东向坐标"),
    "y": ("a northing", "北向坐标"),
    "point": ("a point", "坐标点"),
    "address": ("the address", "地址"),
    "code": ("the code", "代码"),
    "name": ("the name", "名称"),
    "parent": ("the place above", "上级"),
    "households": ("households", "户数"),
    "kind": ("the kind", "类型"),
    "old": ("old or not", "是否老旧"),
    "aliases": ("other names", "别名"),
    "company": ("the property company", "物业公司"),
    "effective_from": ("valid from", "生效日期"),
    "level": ("the level", "层级"),
    "district": ("district", "区"),
    "street": ("street", "街道"),
    "community": ("community", "社区"),
    "grid": ("grid", "网格"),
    "micro_grid": ("micro-grid", "微网格"),
    "estate": ("estate", "小区"),
    "building": ("building", "楼栋"),
    "block": ("block", "单元"),
    "either": ("an area", "区域"),
    "reported": ("reported", "上报"),
    "registered": ("registered", "立案"),
    "dispatched": ("dispatched", "派遣"),
    "accepted": ("accepted", "签收"),
    "handled": ("handled", "处置"),
    "verified": ("verified", "核查"),
    "closed": ("closed", "结案"),
    "returned": ("returned", "退单"),
    "suspended": ("suspended", "缓办"),
    "voided": ("void", "作废"),
    "open": ("open", "未结"),
    "natural": ("natural days", "自然日"),
    "working": ("working days", "工作日"),
    "true": ("on time", "按时"),
    "false": ("late", "超期"),
}


def meaning(field: str, language: str) -> str:
    """A field or level in words; itself where it has none (stages of a case)."""
    pair = MEANINGS.get(field)
    return field if pair is None else pair[language == "zh"]


def say(reason: Reason, language: str) -> str:
    """One reason as text. Shares are given as floats and written as percentages."""
    code, params = reason
    words = {key: shown(key, value, language) for key, value in params.items()}
    return TEXTS[code][language == "zh"].format(**words)


def say_all(reasons: list[Reason], language: str) -> str:
    """Several reasons as one sentence."""
    return ("，" if language == "zh" else ", ").join(say(reason, language) for reason in reasons)


def shown(key: str, value: Any, language: str) -> str:
    """A parameter as text: fields and levels in words, shares as percentages, counts with separators."""
    if key in ("meaning", "level", "target", "field"):
        return meaning(str(value), language)
    if key == "share":
        return _percent(float(value))
    if isinstance(value, float):
        return f"{value:.1f}"
    return f"{value:,}" if isinstance(value, int) else str(value)


def _percent(share: float) -> str:
    """A share that is not quite all never reads as 100 %."""
    if 0.995 <= share < 1:
        return f"{min(share, 0.9999):.2%}".replace("%", " %")
    return f"{share:.0%}".replace("%", " %")
