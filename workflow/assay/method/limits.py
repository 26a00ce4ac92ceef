"""From which value on a photograph is warned of, or refused: learnt from training photographs.

Each statistic is the larger, the worse. Limits lie as many times the training photographs' own
reach, from their median to their most extreme one, beyond that median: the few training
photographs of a small study can't tell a quantile such as 99.9 %.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from assay.method.description import Limit

# Multiples of the reach from the median to the outermost training photographs
WARNED, REFUSED = 1.5, 2.5
OUTERMOST = 0.995  # quantile that counts as the most extreme: all of them, where n < 200
BEYOND = "beyond"
# The least reach of each statistic, for where training photographs are all alike
LEAST = {
    "saturated": 0.01,  # share of pixels
    "dark": 0.2,  # stops
    "blurred": 0.2,  # factors of 2
    "colour_t": 0.5,
    "colour_q": 0.5,
    "features_t": 0.5,
    "features_q": 0.5,
}
WORDS = {
    "saturated": "over-exposed: {value:.1%} of its pixels are saturated, {limit:.1%} is the limit",
    "dark": "too dark: {value:.2f} stops below full light, {limit:.2f} is the limit",
    "blurred": "blurred: its fine detail is {excess:.1f} times too weak for its contrast",
    "colour_t": "colours far from those of training: {ratio:.1f} times the limit",
    "colour_q": "colours unlike any mixture of those of training: {ratio:.1f} times the limit",
    "features_t": "the network sees a picture far from training's: {ratio:.1f} times the limit",
    "features_q": "the network sees what training never showed: {ratio:.1f} times the limit",
}


def bounds(name: str, values: np.ndarray) -> tuple[float, float]:
    """From which value of the statistic on to warn, and to refuse; values (N,) of training.

    That of a value beyond the range is told in reaches of its interval: what reaches an end of the
    range is warned of, what doesn't reach back is refused, unless more than a hundredth of
    training's own lie farther out.
    """
    middle = float(np.median(values))
    outermost = float(np.quantile(values, OUTERMOST, method="higher"))
    if name == BEYOND:
        return -1.0, max(1.0, float(np.quantile(values, 0.99, method="lower")))
    reach = max(outermost - middle, LEAST[name])
    return middle + WARNED * reach, middle + REFUSED * reach


def learn(name: str, values: np.ndarray, fold: np.ndarray) -> tuple[Limit, np.ndarray]:
    """The limit of a statistic, and which training photographs it would have refused, (N,) bool.

    Each photograph is judged by the limit that all other folds give.
    """
    refused, warned = np.zeros(len(values), bool), np.zeros(len(values), bool)
    for number in np.unique(fold):
        inside = fold == number
        warn, refuse = bounds(name, values[~inside])
        refused[inside] = values[inside] > refuse
        warned[inside] = (values[inside] > warn) & ~refused[inside]
    warn, refuse = bounds(name, values)
    limit = Limit(warn, refuse, len(values), int(refused.sum()), int(warned.sum()))
    return limit, refused


def judge(limits: Mapping[str, Limit], values: Mapping[str, float]) -> tuple[list[str], list[str]]:
    """Reasons to refuse and reasons to warn, in plain words."""
    refused: list[str] = []
    warned: list[str] = []
    for name in WORDS:  # in the order of how easily they are understood
        limit, value = limits.get(name), values.get(name)
        if limit is None or value is None:
            continue
        if not value <= limit.warn:  # neither is what is no number
            hard = not value <= limit.refuse
            bound = limit.refuse if hard else limit.warn
            excess = 2 ** (value - bound)
            words = WORDS[name].format(value=value, limit=bound, ratio=value / bound, excess=excess)
            (refused if hard else warned).append(words)
    return refused, warned
