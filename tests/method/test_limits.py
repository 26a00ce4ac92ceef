from __future__ import annotations

import numpy as np
import pytest

from assay.method import limits


def test_limits_lie_beyond_all_training_photographs() -> None:
    values = np.random.default_rng(0).normal(5, 1, 100)
    warn, refuse = limits.bounds("colour_t", values)
    assert values.max() < warn < refuse
    assert refuse - np.median(values) == pytest.approx(
        limits.REFUSED / limits.WARNED * (warn - np.median(values))
    )


def test_photographs_all_alike_still_leave_room() -> None:
    warn, refuse = limits.bounds("saturated", np.zeros(30))
    assert warn == pytest.approx(0.015)
    assert refuse == pytest.approx(0.025)


def test_each_photograph_is_judged_by_the_other_folds() -> None:
    values = np.concatenate([np.linspace(0, 1, 40), [30.0]])
    fold = np.arange(41) % 4
    limit, refused = limits.learn("colour_q", values, fold)
    assert refused.sum() == limit.refused == 1
    assert refused[-1]
    assert (limit.n, limit.warned) == (41, 0)
    assert limit.refuse > 30  # once it is known to be one of them, it is allowed


@pytest.mark.parametrize("scale", [1.0, 100.0])
def test_false_refusals_are_rare_whatever_the_law(scale: float) -> None:
    """Of 5 heavy- and light-tailed laws at most 1 in 200 fresh values is refused, n = 60."""
    generator = np.random.default_rng(0)
    draws = {
        "normal": generator.normal,
        "exponential": lambda size: generator.exponential(1, size),
        "chi": lambda size: np.sqrt(generator.chisquare(4, size)),
        "uniform": lambda size: generator.uniform(0, 1, size),
        "lognormal": lambda size: generator.lognormal(0, 0.5, size),
    }
    for name, draw in draws.items():
        rates = []
        for _ in range(50):
            _, refuse = limits.bounds("dark", scale * draw(size=60))
            rates.append(np.mean(scale * draw(size=1000) > refuse))
        assert np.mean(rates) <= 0.005, name


def test_words_tell_value_and_limit_in_order_of_gravity() -> None:
    limit, _ = limits.learn("dark", np.linspace(1, 2, 30), np.arange(30) % 3)
    both = {"dark": limit, "saturated": limits.learn("saturated", np.zeros(30), np.arange(30))[0]}
    refused, warned = limits.judge(both, {"dark": 9.0, "saturated": 0.02})
    assert refused == ["too dark: 9.00 stops below full light, 2.75 is the limit"]
    assert warned == ["over-exposed: 2.0% of its pixels are saturated, 1.5% is the limit"]
    assert limits.judge(both, {"dark": 1.5, "saturated": 0.0}) == ([], [])
    assert len(limits.judge(both, {"dark": float("nan"), "saturated": 0.0})[0]) == 1
