"""What panels of a wall have in common: the names of periods, and which level lies below which on a screen."""

from __future__ import annotations

from dashboard.languages import marked

PERIOD_NAMES = {"today": marked("今日"), "7d": marked("近 7 天"), "30d": marked("近 30 天"), "month": marked("本月")}
BELOW = {"district": "street", "street": "community", "community": "grid"}
