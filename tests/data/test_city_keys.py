"""The figures against numbers other people worked out: the cities' own flags, to the row."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from data.figures import Figure, Filter, Question, figures
from data.periods import parse_moment, parse_period
from data.progress import Quiet
from data.settings import Settings
from data.store import Store
from etl.commands import COMMANDS
from tests.realdata import SHARED, needs_shared

pytestmark = [needs_shared, pytest.mark.shared]


def take(store: Store, command: str, file: str, mapping: str) -> dict[str, Any]:
    arguments = {"file": str(SHARED / file), "mapping": mapping}
    taken: dict[str, Any] = COMMANDS[command](store, arguments, Quiet())
    return taken


@pytest.fixture(scope="module")
def boston(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    home = tmp_path_factory.mktemp("boston")
    settings = Settings(home=home, memory_share=0.2, threads=2)
    with Store.create(
        home, name="Boston", code="250250", zone="America/New_York", crs="EPSG:26986", calendar="US", settings=settings
    ) as store:
        take(store, "import_places", "boston-311/neighborhoods.geojson", "boston-neighborhoods")
        take(store, "import_plan", "boston-311/tracts2010_households.gpkg", "boston-tracts")
        take(store, "import_tickets", "boston-311/boston311_2011H2.csv.gz", "boston-311")
        yield store


@pytest.fixture(scope="module")
def pingshan(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    home: Path = tmp_path_factory.mktemp("pingshan")
    settings = Settings(home=home, memory_share=0.2, threads=2)
    with Store.create(
        home, name="坪山区", code="440310", zone="Asia/Shanghai", crs="EPSG:4547", settings=settings
    ) as store:
        take(store, "import_places", "pingshan-minsheng/shenzhen_streets.csv", "shenzhen-streets")
        take(store, "import_places", "pingshan-minsheng/shenzhen_communities.csv", "shenzhen-communities")
        take(store, "import_tickets", "pingshan-minsheng/pingshan_minsheng_suqiu.csv", "pingshan-minsheng")
        yield store


def moment(store: Store, text: str) -> datetime:
    return parse_moment(text, store.zone)


def one(store: Store, name: str, period: str, **options: Any) -> Figure:
    span = parse_period(period, store.zone)
    options["as_of"] = moment(store, options.get("as_of", "2020-01-01"))
    question = Question("district", span.start, span.end, figures=(name,), **options)
    return figures(store, question)[0].figures[name]


def counts(figure: Figure) -> tuple[float | None, float | None]:
    return figure.numerator, figure.denominator


HALF_YEAR = "2011-07-01/2012-01-01"


def test_boston_of_what_was_due_in_the_half_year(boston: Store) -> None:
    assert counts(one(boston, "on_time_rate", HALF_YEAR)) == (29_928, 39_685)
    assert counts(one(boston, "due_completion_rate", HALF_YEAR)) == (37_151, 39_685)
    assert one(boston, "due", HALF_YEAR).value == 39_685


def test_boston_of_what_was_registered(boston: Store) -> None:
    assert counts(one(boston, "completion_rate", HALF_YEAR)) == (54_570, 58_251)
    assert one(boston, "reported", HALF_YEAR).value == 58_251


def test_boston_of_all_closings_the_citys_own_flag(boston: Store) -> None:
    # ONTIME on 35,591 of 43,821 closed rows with a target; OVERDUE on 8,073 and blank on 157, all late: 8,230.
    figure = one(boston, "on_time_rate", "2011-07-01/2020-01-01", basis="closed")
    assert counts(figure) == (35_591, 43_821)
    assert 43_821 - 35_591 == 8_073 + 157
    assert figure.left_out["without_deadline"] == 54_570 - 43_821


def test_boston_without_a_target_is_without_deadline(boston: Store) -> None:
    assert one(boston, "on_time_rate", HALF_YEAR).left_out["without_deadline"] == 10_981
    assert one(boston, "open", HALF_YEAR).value == 3_681


def test_boston_places_pool_to_the_city(boston: Store) -> None:
    span = parse_period(HALF_YEAR, boston.zone)
    for level in ("community", "grid"):
        rows = figures(
            boston, Question(level, span.start, span.end, moment(boston, "2020-01-01"), figures=("on_time_rate",))
        )
        pairs = [counts(row.figures["on_time_rate"]) for row in rows]
        assert (sum(n or 0 for n, _ in pairs), sum(d or 0 for _, d in pairs)) == (29_928, 39_685)


def test_pingshan_by_flag(pingshan: Store) -> None:
    year = "2017-01-01/2020-01-01"
    figure = one(pingshan, "on_time_rate", year, as_of="2026-01-01")
    assert counts(figure) == (9_071, 9_071 + 924)
    assert sum(figure.left_out.values()) == 5
    span = parse_period(year, pingshan.zone)
    question = Question("community", span.start, span.end, moment(pingshan, "2026-01-01"), figures=("on_time_rate",))
    pairs = [counts(row.figures["on_time_rate"]) for row in figures(pingshan, question)]
    assert (sum(n or 0 for n, _ in pairs), sum(d or 0 for _, d in pairs)) == (9_071, 9_995)


def test_pingshan_filter_by_channel_adds_up(pingshan: Store) -> None:
    channels = pingshan.rows("SELECT DISTINCT channel FROM cases WHERE channel IS NOT NULL ORDER BY channel")
    year = "2017-01-01/2020-01-01"
    parts = [
        one(pingshan, "reported", year, as_of="2026-01-01", filters=(Filter("channel", (row["channel"],)),)).value
        for row in channels
    ]
    assert sum(value or 0 for value in parts) == 10_000
