"""What a person must decide after a guess, in words; and why a column is left out."""

from __future__ import annotations

from typing import Final

from etl.guess_reasons import Reason, shown

QUESTIONS: Final[dict[str, tuple[str, str]]] = {
    "no_report": (
        "No column is surely the time of the report. Name it in fields.reported_at.",
        "找不到确定的上报时间，请在 fields.reported_at 中填写列名。",
    ),
    "no_id": (
        "No column identifies a ticket; [key] joins columns that should not change. Two tickets alike in all "
        "of them are taken for one: {count} rows are.",
        "没有唯一编号，[key] 由不应变化的列组合而成；各列全同的行会视为同一工单（{count} 行）。",
    ),
    "source_which": (
        'Which source does the file come from: "{source}" (proposed), or {others}? Ids are unique within a source.',
        "文件来自哪个来源：“{source}”（暂用），还是 {others}？编号只在同一来源内唯一。",
    ),
    "source_other": (
        'The store\'s source "{source}" has other columns, so "{proposed}" is proposed. If it is the same system, '
        'write source = "{source}": otherwise known tickets come in again as new ones.',
        '库中来源“{source}”的列与此不同，暂用“{proposed}”。若是同一系统，请改为 source = "{source}"，否则已有工单会再次作为新增导入。',
    ),
    "due_handling": (
        '"{column}" is a deadline of handling, and there is no other. Is it the deadline of closing as well?',
        "“{column}”是处置时限，文件中没有办结时限。是否也作为办结时限？",
    ),
    "names": (
        'No header says which column holds the names. "{column}" is proposed.',
        "没有列名表明哪一列是名称，暂用“{column}”。",
    ),
    "codes": (
        'No header says which column holds the codes. "{column}" is proposed: does a place keep it?',
        "没有列名表明哪一列是编码，暂用“{column}”。同一区域的编码会保持不变吗？",
    ),
    "layer": (
        "The file holds several layers: {layers}. Which one are the places? {layer} is proposed.",
        "文件有多个图层：{layers}。哪一个是区域？暂用 {layer}。",
    ),
    "counter_id": (
        '"{column}" is a plain row counter. Does a ticket keep it in tomorrow\'s export?',
        "“{column}”只是行号，明天再导出时同一工单的号码会不变吗？",
    ),
    "id_repeats": (
        '"{column}" repeats on {count} rows. Are these versions of one ticket, or is another column the id?',
        "“{column}”有 {count} 行重复，是同一工单的多个版本，还是另有编号列？",
    ),
    "day_month": (
        'Day and month cannot be told apart in "{column}". Proposed {format}; check a date you know.',
        "“{column}”无法区分日与月，暂用 {format}，请核对一个已知日期。",
    ),
    "twelve_hour": (
        'Hours in "{column}" run from 1 to 12 without AM or PM. Is half of the day lost?',
        "“{column}”的小时只有 1 到 12，又没有上下午，是否丢失了上下午？",
    ),
    "zone": (
        "In which time zone are the times written? The deployment's is taken.",
        "时间采用哪个时区？暂用本部署的时区。",
    ),
    "tag": (
        "The times are tagged as UTC or with an offset, but read like local times. ignore_tag is proposed; "
        "compare a ticket you know.",
        "时间带有 UTC 或偏移标记，但看来是当地时间，已建议 ignore_tag；请核对一件已知工单。",
    ),
    "tag_kept": (
        "The times carry a zone tag, taken as right. If a ticket you know shows shifted hours, set ignore_tag = true.",
        "时间带时区标记，按标记换算；若已知工单的钟点有偏差，请设 ignore_tag = true。",
    ),
    "order_odd": (
        '{share} of "{second}" lie before "{first}". Is one of them something else?',
        "{share}的“{second}”早于“{first}”，其中一列是否另有含义？",
    ),
    "no_close": (
        "There is no closing time, only a status: durations and on-time by dates are not known.{hint}",
        "只有状态，没有结案时间：时长与按时率无法按日期计算。{hint}",
    ),
    "close_hint": (
        ' If "{column}" is when a closed ticket was closed, use it for closed_at.',
        "若“{column}”即结案时刻，可用作 closed_at。",
    ),
    "status_word": (
        'What does status "{word}" ({count} rows) mean? {target} is proposed.',
        "状态“{word}”（{count} 行）是什么意思？暂作“{target}”。",
    ),
    "contradiction": (
        "On {count} rows the status says open beside a closing time, or closed without one. [status] "
        "contradiction says which one counts.",
        "有 {count} 行状态未结却有结案时间，或已结却没有；[status] contradiction 决定以谁为准。",
    ),
    "flag_word": (
        'What does "{word}" in "{column}" ({count} rows) mean: on time (true) or late (false)?',
        "“{column}”中的“{word}”（{count} 行）是按时（true）还是超期（false）？",
    ),
    "flag_differs": (
        'The city\'s flag and the dates differ on {count} rows. Dates are used; [on_time] source = "flag" would '
        "use the flag.",
        '按时标志与日期有 {count} 行不一致；现以日期为准，若以标志为准请设 [on_time] source = "flag"。',
    ),
    "offset": (
        "Coordinates in China may be GCJ-02 (Amap, Tencent) or BD-09 (Baidu), 300 to 1,200 m off. Which one is "
        "it? {proposed} is proposed.",
        "国内坐标可能是 GCJ-02（高德、腾讯）或 BD-09（百度），偏差 300 至 1200 米。是哪一种？暂用 {proposed}。",
    ),
    "crs": (
        'In which coordinate system are "{x}" and "{y}"? Fill in crs. Ask the source for the EPSG code.{hint}',
        "“{x}”“{y}”是什么坐标系？请填写 crs，可向数据来源询问 EPSG 代码。{hint}",
    ),
    "crs_hint": (" By the numbers it could be {options}.", "按数值可能是 {options}。"),
    "crs_missing": (
        "The file does not say its coordinate system. Fill in [geometry] crs.{hint}",
        "文件未注明坐标系，请填写 [geometry] crs。{hint}",
    ),
    "level": (
        "At which level do these places lie: street, community, grid, micro_grid, estate? {level} is proposed.",
        "这些区域属于哪一层级：街道、社区、网格、微网格、小区？暂作{level}。",
    ),
    "place_level": (
        '"{column}" names areas. Which level of your tree are they? {level} is proposed.',
        "“{column}”是区域名，对应哪一层级？暂作{level}。",
    ),
    "service": (
        '"{column}" holds a number of days or hours. It is taken as the service level of each category: check '
        "the unit and whether working days are meant.",
        "“{column}”是天数或小时数，已作为各类别的时限；请核对单位，以及是否为工作日。",
    ),
    "service_varies": (
        '"{column}" looks like a service level, but it differs within a category; it is not used.',
        "“{column}”像是时限，但同一类别内不一致，未采用。",
    ),
    "low": (
        '{field}: is it "{column}"? It is left out for now ({confidence}).',
        "{field}：是“{column}”吗？把握不足（{confidence}），暂未采用。",
    ),
    "note": (
        '"{column}" is free text about people\'s homes. It is masked; leave the line out if it is not needed.',
        "“{column}”是自由文本，已遮盖电话证件；若不需要可删去此行。",
    ),
    "households": (
        "No column counts households; figures per household will be empty.",
        "没有户数列，每百户指标将为空。",
    ),
    "only": (
        'The file covers {count} areas by "{column}". To take one of them, say which in [only].',
        "文件包含 {count} 个“{column}”；若只取其一，请在 [only] 中写明。",
    ),
    "no_code": (
        "No column holds codes; the name stands in, and a renamed place becomes a new one.",
        "没有代码列，以名称代替；更名后会视为新的区域。",
    ),
    "unreadable": ("The file cannot be opened as it stands: {what}", "文件暂时无法打开：{what}"),
}

DROPPED: Final[dict[str, tuple[str, str]]] = {
    "personal": ("{column}: about a person or a home, never imported", "{column}：涉及个人或住址，不导入"),
    "empty": ("{column}: empty in every row", "{column}：全部为空"),
    "constant": ("{column}: the same in every row", "{column}：每行相同"),
    "unused": ("{column}: no field for it", "{column}：没有对应字段"),
    "weaker": (
        '{column}: could be {meaning}, but "{other}" fits better',
        "{column}：也像{meaning}，但“{other}”更合适",
    ),
    "repeats": ('{column}: says the same as "{other}"', "{column}：与“{other}”内容相同"),
}


def ask(question: Reason, language: str) -> str:
    """A question as text."""
    return _fill(QUESTIONS, question, language)


def leave_out(reason: Reason, language: str) -> str:
    """Why a column is dropped."""
    return _fill(DROPPED, reason, language)


def _fill(texts: dict[str, tuple[str, str]], item: Reason, language: str) -> str:
    code, params = item
    shown_params = {
        key: _fill(texts, value, language) if isinstance(value, tuple) else shown(key, value, language)
        for key, value in params.items()
    }
    return texts[code][language == "zh"].format(**shown_params)
