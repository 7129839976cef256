from __future__ import annotations

import numpy as np
import pytest

from layers.classes import Classes, make, natural

NAN = float("nan")


def test_quantiles_put_the_same_number_in_each_class() -> None:
    values = np.arange(1.0, 21.0)
    classes = make(values, 5)
    assert np.bincount(classes.of(values)).tolist() == [4, 4, 4, 4, 4]
    assert (classes.breaks[0], classes.breaks[-1]) == (1.0, 20.0)


def test_natural_breaks_keep_together_what_lies_together() -> None:
    values = np.array([1.0, 2, 3, 20, 21, 22, 90, 95])
    assert natural(values, 3) == [20.0, 90.0]
    assert make(values, 3, method="natural").breaks == (1, 20, 90, 95)


def test_natural_breaks_are_the_best_there_are() -> None:
    values = np.array([4.0, 5, 9, 10])
    assert natural(values, 2) == [9.0]  # 0.5 + 0.5; every other cut is worse


def test_natural_breaks_weigh_a_value_by_the_places_that_have_it() -> None:
    """mapclassify 2.10.0's FisherJenks closes its classes with 23, 43, 67, 100 and 195: ours begin with the next value there is."""
    values = np.round(np.random.default_rng(1).gamma(2, 20, 1044))
    upper = [23.0, 43.0, 67.0, 100.0]
    assert natural(values, 5) == [float(values[values > one].min()) for one in upper]
    assert make(values, 5, method="natural").breaks == (0.0, 24.0, 44.0, 68.0, 103.0, 195.0)


def test_natural_breaks_of_shares_go_by_what_the_legend_prints() -> None:
    values = np.array([0.9001, 0.9002, 0.9003, 0.9504, 0.9901, 0.9904])
    assert make(values, 3, method="natural", digits=3).breaks == (0.9, 0.95, 0.99, 0.991)


def test_no_data_has_no_class() -> None:
    values = np.array([1.0, NAN, 3.0])
    assert make(values, 5).of(values).tolist() == [0, -1, 1]
    assert make(np.array([NAN]), 5) == Classes(())
    assert Classes(()).of(np.array([1.0])).tolist() == [-1]


def test_one_value_is_one_class() -> None:
    values = np.array([7.0, 7.0, 7.0])
    assert make(values, 5) == Classes((7.0, 7.0))
    assert make(values, 5).of(values).tolist() == [0, 0, 0]


def test_zeros_get_a_class_of_their_own_when_they_fill_quantiles() -> None:
    values = np.array([0.0] * 80 + list(range(1, 21)))
    classes = make(values, 5)
    assert classes.breaks[:2] == (0.0, 1.0)
    assert np.bincount(classes.of(values)).tolist() == [80, 5, 5, 5, 5]


def test_a_target_is_a_break_with_classes_on_both_sides() -> None:
    values = np.array([0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 0.97, 0.99])
    classes = make(values, 5, target=0.75, digits=3)
    assert 0.75 in classes.breaks
    assert classes.breaks.index(0.75) == classes.below == 2
    assert (classes.of(values) < 2).tolist() == [True] * 3 + [False] * 5


def test_no_class_is_empty_beside_a_target() -> None:
    values = np.array([0.786, 0.798, 0.830, 0.861, 0.871, 0.916])
    classes = make(values, 5, target=0.846, digits=3)
    assert classes.breaks == (0.786, 0.83, 0.846, 0.871, 0.916, 0.916)
    assert np.bincount(classes.of(values)).tolist() == [2, 1, 1, 1, 1]


def test_a_target_outside_the_values_is_no_break() -> None:
    assert make(np.array([0.1, 0.2]), 5, target=0.5, digits=3).below is None


@pytest.mark.parametrize("method", ["quantile", "natural"])
@pytest.mark.parametrize("n", [5, 6, 7])
def test_breaks_rise_cover_everything_and_are_as_round_as_the_legend(method: str, n: int) -> None:
    values = np.random.default_rng(4).lognormal(3, 1.5, 652)
    classes = make(values, n, method=method, digits=1)
    breaks = np.array(classes.breaks)
    assert (np.diff(breaks) > 0).all()
    assert breaks[0] <= values.min() <= values.max() <= breaks[-1]
    assert (breaks == breaks.round(1)).all()
    found = classes.of(values)
    assert (breaks[found] <= values).all()
    assert classes.n == n
