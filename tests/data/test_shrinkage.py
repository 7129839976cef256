"""Priors are the maximum of the likelihood, as SciPy's own distributions tell it."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import optimize, stats

from data.shrinkage import STRONGEST, beta_binomial, gamma_poisson


def of_shares(units: int, seed: int = 3) -> tuple[np.ndarray, np.ndarray]:
    """Successes and cases of units whose shares are beta(18, 2)."""
    luck = np.random.default_rng(seed)
    n = luck.integers(5, 80, units)
    return luck.binomial(n, luck.beta(18, 2, units)).astype(float), n.astype(float)


@pytest.mark.parametrize("units", [10, 60, 400])
def test_a_share_has_the_prior_that_maximises_betabinom(units: int) -> None:
    k, n = of_shares(units)

    def worse(at: np.ndarray) -> float:
        return -float(stats.betabinom.logpmf(k, n, *np.exp(at)).sum())

    direct = optimize.minimize(
        worse, [1.0, 0.0], method="Nelder-Mead", options={"xatol": 1e-10, "fatol": 1e-12, "maxiter": 4000}
    )
    prior = beta_binomial(k, n)
    assert prior is not None
    assert worse(np.log([prior.a, prior.b])) == pytest.approx(direct.fun, abs=1e-6)
    assert (prior.a, prior.b) == pytest.approx(tuple(np.exp(direct.x)), rel=2e-3)


def test_a_rate_has_the_prior_that_maximises_the_negative_binomial() -> None:
    luck = np.random.default_rng(5)
    exposure = luck.uniform(100, 900, 80)
    events = luck.poisson(luck.gamma(4, 0.02 / 4, 80) * exposure).astype(float)

    def worse(at: np.ndarray) -> float:
        shape, rate = np.exp(at)
        return -float(stats.nbinom.logpmf(events, shape, rate / (rate + exposure)).sum())

    direct = optimize.minimize(
        worse, [1.0, 5.0], method="Nelder-Mead", options={"xatol": 1e-10, "fatol": 1e-12, "maxiter": 4000}
    )
    prior = gamma_poisson(events, exposure)
    assert prior is not None
    assert worse(np.log([prior.shape, prior.rate])) == pytest.approx(direct.fun, abs=1e-6)
    assert (prior.shape, prior.rate) == pytest.approx(tuple(np.exp(direct.x)), rel=2e-3)


def test_peers_that_differ_by_chance_alone_are_taken_for_one() -> None:
    n = np.full(40, 50.0)
    prior = beta_binomial(np.tile([39.0, 41.0], 20), n)
    assert prior is not None
    assert prior.mean == pytest.approx(0.8)
    assert prior.weight == pytest.approx(STRONGEST, rel=0.9)
    assert (39 + prior.a) / (50 + prior.weight) == pytest.approx(0.8, abs=1e-3)


def test_fewer_than_ten_units_teach_nothing() -> None:
    k, n = of_shares(9)
    assert beta_binomial(k, n) is None
    assert gamma_poisson(k, n) is None
    assert beta_binomial(np.append(k, 0.0), np.append(n, 0.0)) is None, "a unit without cases is not one of the ten"


def test_nothing_is_learnt_where_every_case_went_one_way() -> None:
    n = np.full(20, 30.0)
    assert beta_binomial(n, n) is None
    assert gamma_poisson(np.zeros(20), n) is None
