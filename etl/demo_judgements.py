"""What people would have entered in the demo district: party branches, owners' committees, marks, the credit ledger, and the lists of the
periods that have ended.

Everything hangs on the seed and the codes alone. Marks follow a quality that every company and community has, so that a list looks
as lists do; the latest period's list is a draft or open to appeals, as it would be on that day.
"""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import pyarrow as pa

from data.actors import PROGRAM
from data.appeals import lodge
from data.errors import JingweiError
from data.judgements import MARKS, Event, enter_veto, put_marks, subject_ids
from data.levels import END
from data.periods import parse_period
from data.registers import FACTS, enter_many
from data.score_periods import earlier, running
from data.score_rows import cards, items
from data.score_runs import finish, make_draft, publish
from data.store import Store
from etl.demo_town import ZONE as ZONE_NAME

ZONE = ZoneInfo(ZONE_NAME)

BRANCH, COMMITTEE = {"commodity": 0.86, "resettlement": 0.9, "work_unit": 0.7, "mixed": 0.6}, 0.38
DEDUCTIONS = (
    ("消防通道长期占用未整改", -8), ("电梯故障超时未修", -5), ("公共收益未公示", -6), ("垃圾清运不及时", -3), ("装修管理不到位", -2),
    ("拒不执行整改通知", -12),
)  # fmt: skip
PRAISE = (("防汛值守受通报表扬", 3), ("红色物业示范点", 4))
MARKED = {
    "property_red_black": (("review", ("estate", "company")),),
    "estate_stars": (("branch", ("estate",)),),
    "community_assessment": (
        ("party_building", ("community",)),
        ("departments", ("community",)),
        ("street", ("community",)),
    ),
}
APPEAL = "返工的案件属市政管网，不在物业职责内，请求剔除后重新计算。"
BACK = 4  # periods with marks before the running one
RUNS = ("property_red_black", "property_credit", "estate_stars", "community_assessment", "estate_organisations", "three_colours",
        "rectification")  # fmt: skip
LISTED = {
    "three_colours": 3,
    "rectification": 3,
}  # how many ended periods have a list; of the others all that the year holds
LATE, DRAFTED = (
    "property_red_black",
    "estate_stars",
)  # whose last list is open to appeals; of which there is one of the running period
WAIT = timedelta(days=4, hours=10)  # after a period's end its list is drafted


def judge(store: Store, seed: int, begins: date, *, lists: bool = True) -> int:
    """Enter everything, and make the lists of the periods since `begins`; how many lists."""
    luck = np.random.default_rng([seed, 41])
    estates = store.rows(
        """SELECT p.place_id AS id, p.code, v.kind, v.company_id AS company FROM place_version v JOIN place p USING (place_id)
           WHERE p.level = 'estate' AND v.effective_to = ? ORDER BY p.code""",
        [END],
    )
    companies = sorted(subject_ids(store, "company").items())
    quality = _qualities(store, [one for _code, one in companies], luck)
    enter_many(store, _facts(estates, companies, quality, luck, begins))
    _marks(store, estates, quality, luck)
    _vetoes(store, [one["code"] for one in estates if one["company"] is not None], luck, begins)
    return sum(_lists(store, name, begins) for name in RUNS) if lists else 0


def _qualities(store: Store, companies: list[int], luck: np.random.Generator) -> dict[int, float]:
    """How good each company is held to be: by what was late in its estates, and by luck."""
    rows = store.rows(
        """SELECT v.company_id AS company, avg((c.closed_at IS NULL OR c.closed_at > c.due_at)::INTEGER) AS late
           FROM cases c JOIN case_place p USING (case_id) JOIN place_version v ON v.place_id = p.estate_id AND v.effective_to = ?
           WHERE v.company_id IS NOT NULL AND c.due_at IS NOT NULL GROUP BY 1""",
        [END],
    )
    late = {row["company"]: float(row["late"]) for row in rows}
    known = np.array([late.get(one, np.nan) for one in companies])
    off = (
        np.nan_to_num((known - np.nanmean(known)) / max(float(np.nanstd(known)), 1e-9))
        if late
        else np.zeros(len(companies))
    )
    drawn = luck.normal(0, 1, len(companies))
    return {one: float(0.5 * q - 0.9 * worse) for one, q, worse in zip(companies, drawn, off, strict=True)}


def _facts(
    estates: list[dict[str, Any]],
    companies: list[tuple[str, int]],
    quality: dict[int, float],
    luck: np.random.Generator,
    begins: date,
) -> pa.Table:
    rows = []
    for one in estates:
        if luck.random() < BRANCH.get(one["kind"] or "", 0.7):
            rows.append(_fact("party_branch", one["id"], 1, "成立党支部", _since(luck, begins, 2600)))
        if luck.random() < (COMMITTEE if one["kind"] == "commodity" else COMMITTEE / 3):
            rows.append(_fact("owners_committee", one["id"], 1, "业主大会选举产生", _since(luck, begins, 2000)))
    for _code, company in companies:
        for _ in range(int(luck.poisson(1.5 * np.exp(-0.5 * quality[company])))):
            reason, points = DEDUCTIONS[int(luck.integers(len(DEDUCTIONS)))]
            rows.append(_credit(company, points, reason, begins, luck))
        if luck.random() < 0.15 + 0.1 * (quality[company] > 0):
            reason, points = PRAISE[int(luck.integers(len(PRAISE)))]
            rows.append(_credit(company, points, reason, begins, luck))
    return pa.Table.from_pylist(rows, schema=FACTS)


def _fact(register: str, estate: int, value: float, reason: str, since: date) -> dict[str, Any]:
    return {
        "register": register, "level": "estate", "subject_id": estate, "value": value, "reason": reason,
        "evidence": f"备案〔{since.year}〕{estate % 900 + 1}号", "effective_from": since, "effective_to": END,
        "entered_at": datetime.combine(since, time(9), ZONE),
    }  # fmt: skip


def _credit(company: int, points: int, reason: str, begins: date, luck: np.random.Generator) -> dict[str, Any]:
    since = begins + timedelta(days=int(luck.integers(360)))
    return {
        "register": "property_credit", "level": "company", "subject_id": company, "value": points, "reason": reason,
        "evidence": f"{'通报' if points > 0 else '整改通知书'}〔{since.year}〕{int(luck.integers(1, 400))}号", "effective_from": since,
        "effective_to": since + timedelta(days=365), "entered_at": datetime.combine(since, time(16), ZONE),
    }  # fmt: skip


def _since(luck: np.random.Generator, begins: date, days: int) -> date:
    return begins + timedelta(days=330 - int(luck.integers(days)))


def _marks(store: Store, estates: list[dict[str, Any]], quality: dict[int, float], luck: np.random.Generator) -> None:
    """Marks of the periods that have ended, entered the day after each."""
    places = {level: sorted(subject_ids(store, level).items()) for level in ("estate", "company", "community")}
    own = {one["id"]: quality.get(one["company"] or -1, 0.0) for one in estates}
    rows: list[dict[str, Any]] = []
    for card, marks in MARKED.items():
        unit = cards(store)[card][0].period
        now = running(unit, store.now(), store.zone)
        for mark, levels in marks:
            low, high = cards(store)[card][0].judgements[mark].range
            for level in levels:
                lasting = {
                    one: own.get(one, quality.get(one, 0.0)) * 0.6 + luck.normal(0, 0.6) for _code, one in places[level]
                }
                for back in range(0 if card == DRAFTED else 1, BACK + 1):
                    span = parse_period(earlier(unit, now, store.zone, back), store.zone)
                    for _code, one in places[level]:
                        share = min(1.0, max(0.3, 0.82 + 0.08 * lasting[one] + 0.03 * luck.normal()))
                        rows.append(_mark(store, card, mark, level, one, round(low + share * (high - low), 2), span))
    table = pa.Table.from_pylist(rows, schema=MARKS)
    store.writer.run(lambda con: put_marks(con, table), label="marks", quiet=True).result()


def _mark(store: Store, card: str, mark: str, level: str, one: int, value: float, span: Any) -> dict[str, Any]:
    days = [at.astimezone(store.zone).date() for at in (span.start, span.end)]
    return {
        "subject": level, "subject_id": one, "kind": f"{card}/{mark}", "value": value, "period_from": days[0], "period_to": days[1],
        "by_role": "leader", "reason": None, "entered_at": min(span.end + timedelta(days=1), store.now() - timedelta(hours=1)),
    }  # fmt: skip


def _vetoes(store: Store, codes: list[str], luck: np.random.Generator, begins: date) -> None:
    """Two events of the year."""
    for n, kind in enumerate(("accident", "funds")):
        day = begins + timedelta(days=int(luck.integers(100, 270)))
        event = Event(
            "property_red_black",
            kind,
            "estate",
            codes[int(luck.integers(len(codes)))],
            day,
            f"调查报告〔{day.year}〕{n + 3}号",
        )
        enter_veto(store, event, PROGRAM, f"demo {n}")
    store.writer.run(
        lambda con: con.execute("UPDATE veto SET entered_at = happened_on + INTERVAL 5 DAY"), label="vetoes", quiet=True
    ).result()


def _lists(store: Store, name: str, begins: date) -> int:
    """The lists of a card: final ones of the periods that have ended; of two cards one that is at work."""
    card, now, made = cards(store)[name][0], store.now(), 0
    running_one = running(card.period, now, store.zone)
    for back in range(LISTED.get(name, 12), 0, -1):
        period = earlier(card.period, running_one, store.zone, back)
        span = parse_period(period, store.zone)
        if span.start.astimezone(store.zone).date() < begins.replace(day=1):
            continue
        late = name == LATE and back == 1
        for level in card.levels:
            made += _list(store, name, level, period, now - timedelta(days=3) if late else span.end + WAIT, late=late)
    if name == DRAFTED:
        make_draft(store, name, card.levels[0], running_one, PROGRAM)
        made += 1
    return made


def _list(store: Store, name: str, level: str, period: str, at: datetime, *, late: bool) -> int:
    try:
        run = make_draft(store, name, level, period, PROGRAM, at)
    except JingweiError:  # a period the store knows nothing of
        return 0
    publish(store, run, PROGRAM, at + timedelta(hours=5))
    if late:
        last = [one for one in items(store, run) if one.place is not None][-1]
        lodge(store, run, last.subject.subject_id, APPEAL, PROGRAM, f"demo {run}")
    if not late:
        finish(store, run, PROGRAM, at + timedelta(days=cards(store)[name][0].publicity.days + 1, hours=9))
    return 1
