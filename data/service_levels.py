"""How long a case may take: by its category, else by the default, shortened by urgency; in working or natural hours."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Literal

import numpy as np
from pydantic import Field

from data.calendars import WorkingCalendar
from data.database import Connection
from data.definitions import definition, read_as
from data.kinds import Identifier, Name, Part


class Level(Part):
    """So many hours of a clock."""

    hours: float = Field(gt=0)
    clock: Literal["working", "natural"]


class Urgency(Part):
    """What urgency makes of a service level: a share of its hours, or hours of its own."""

    name: Name
    share: float | None = Field(None, gt=0, le=1)
    hours: float | None = Field(None, gt=0)
    clock: Literal["working", "natural"] = "natural"


class ServiceLevels(Part):
    """`service_levels.toml`."""

    default: Level
    urgency: dict[Identifier, Urgency]


@dataclass(frozen=True)
class Hours:
    """How long: hours, and whether they are working hours."""

    hours: float
    worked: bool


def service_levels(home: Path | None) -> ServiceLevels:
    """The service levels in force. Raises InputError with file and key path."""
    text = definition(home, "service_levels")
    return read_as(ServiceLevels, text.body, text.where)


def allowed(con: Connection, levels: ServiceLevels, category_id: int | None, urgency: str) -> Hours:
    """How long a case of this category and urgency may take; the nearest category above it that has a level decides."""
    row = con.execute(
        """WITH RECURSIVE up AS (
               SELECT category_id, parent_id, sla_hours, sla_clock, 0 AS steps FROM category WHERE category_id = ?
               UNION ALL SELECT k.category_id, k.parent_id, k.sla_hours, k.sla_clock, steps + 1
               FROM up JOIN category k ON k.category_id = up.parent_id WHERE steps < 10)
           SELECT sla_hours, sla_clock FROM up WHERE sla_hours IS NOT NULL ORDER BY steps LIMIT 1""",
        [category_id],
    ).fetchone()
    usual = (
        Hours(row[0], row[1] != "natural") if row else Hours(levels.default.hours, levels.default.clock == "working")
    )
    rule = levels.urgency.get(urgency)
    if rule is None:
        return usual
    if rule.hours is not None:
        return Hours(rule.hours, rule.clock == "working")
    return Hours(usual.hours * (rule.share or 1.0), usual.worked)


def later(calendar: WorkingCalendar, start: datetime, hours: float, *, worked: bool) -> datetime:
    """An instant so many hours after another."""
    if not worked:
        return start + timedelta(hours=hours)
    plain = np.array([start.astimezone(UTC).replace(tzinfo=None)], dtype="datetime64[us]")
    found: datetime = calendar.add_hours(plain, hours)[0].item()
    return found.replace(tzinfo=UTC)


def worked_between(calendar: WorkingCalendar, start: datetime, end: datetime) -> float:
    """Working hours between two instants."""
    pair = [np.array([at.astimezone(UTC).replace(tzinfo=None)], dtype="datetime64[us]") for at in (start, end)]
    return float(calendar.hours_between(pair[0], pair[1])[0])
