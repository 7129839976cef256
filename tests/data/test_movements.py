"""When a figure may be said to have risen or fallen."""

from __future__ import annotations

import numpy as np
import pytest
from statsmodels.stats.proportion import confint_proportions_2indep

from data import estimates
from data.figure_catalogue import CATALOGUE
from data.figure_places import Listing
from data.movements import Measured, Movement, difference, movements
from data.samples import Samples


def measured(figure: str, numerator: list[float], n: list[float], fewest: int = 30) -> Measured:
    units = Listing(np.arange(len(n)), [str(i) for i in range(len(n))], [""] * len(n))
    some, of = np.array(numerator, float), np.array(n, float)
    value = some if CATALOGUE[figure].type == "count" else some / of
    found = Samples(CATALOGUE[figure], units, of, value, some, np.zeros(len(n)), np.zeros(len(n)))
    return Measured(found, *estimates.interval(found), fewest)


def test_the_interval_of_a_difference_of_shares_is_newcombe_s() -> None:
    new, old = (measured("on_time_rate", [k], [n]) for k, n in ((94, 100), (180, 200)))
    ends = (new.low[0], new.high[0]), (old.low[0], old.high[0])
    theirs = confint_proportions_2indep(94, 100, 180, 200, method="newcomb", compare="diff")
    assert difference(0.94, 0.90, *ends) == pytest.approx(theirs)


def test_a_share_rises_falls_holds_or_has_too_few() -> None:
    now = measured("on_time_rate", [380, 340, 361, 29], [400, 400, 400, 29])
    then = measured("on_time_rate", [340, 380, 360, 29], [400, 400, 400, 400])
    found = movements(now, then)
    assert [found[str(i)].how for i in range(4)] == ["up", "down", "same", "few"]
    assert found["0"].by == pytest.approx(0.1)


def test_counts_compare_as_counts_by_chance() -> None:
    now, then = (
        measured("reported", [130, 1300, 3, 5], [130, 1300, 3, 5]),
        measured("reported", [100, 1000, 1, 0], [100, 1000, 1, 0]),
    )
    found = movements(now, then)
    assert [found[str(i)] for i in range(4)] == [
        Movement("same", 0.3), Movement("up", 0.3), Movement("few", 2.0), Movement("none"),
    ]  # fmt: skip
