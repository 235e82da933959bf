"""Estimators of population uniqueness against their published equations, summed term by term, and known populations."""

import math

import kohort as kh
import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from kohort.microdata import superpopulation

SPECTRA = st.dictionaries(st.integers(1, 12), st.integers(1, 40), min_size=2).filter(lambda found: 1 in found)


def arrays(spectrum):
    sizes = sorted(spectrum)
    return np.array(sizes, dtype=float), np.array([spectrum[size] for size in sizes], dtype=float)


def rows_of(spectrum):
    return sum(size * count for size, count in spectrum.items())


def likelihood(spectrum, theta, alpha):
    classes, rows = sum(spectrum.values()), rows_of(spectrum)
    total = sum(math.log(theta + i * alpha) for i in range(1, classes))
    total -= sum(math.log(theta + i) for i in range(1, rows))
    return total + sum(count * sum(math.log(i - alpha) for i in range(1, size)) for size, count in spectrum.items())


@settings(max_examples=40, deadline=None)
@given(SPECTRA, st.integers(2, 50))
def test_pitman_is_the_maximum_of_the_likelihood(spectrum, times):
    population = rows_of(spectrum) * times
    uniques = superpopulation.pitman(*arrays(spectrum), population)
    if uniques is None:
        return
    # theta and alpha are found again by what they say of two populations.
    twice = superpopulation.pitman(*arrays(spectrum), 2 * population)
    if twice is None:
        return
    alpha = math.log2(twice / uniques)
    goal = math.log(uniques / population**alpha)
    low, high = -alpha + 1e-12, 1e9
    for _ in range(200):
        theta = (low + high) / 2
        rising = math.lgamma(theta + 1) - math.lgamma(theta + alpha) < goal
        low, high = (theta, high) if rising else (low, theta)
    best = likelihood(spectrum, theta, alpha)
    for other_theta in (theta * 0.97, theta * 1.03):
        for other_alpha in (alpha * 0.97, alpha * 1.01):
            if other_theta > -other_alpha and other_alpha < 1:
                assert likelihood(spectrum, other_theta, other_alpha) <= best + 1e-6


@settings(max_examples=40, deadline=None)
@given(SPECTRA, st.integers(2, 50))
def test_zayatz_is_bayes_rule(spectrum, times):
    rows = rows_of(spectrum)
    population = rows * times

    def drawn(size):
        return size * math.comb(population - size, rows - 1) / math.comb(population, rows)

    share = spectrum[1] * drawn(1) / sum(count * drawn(size) for size, count in spectrum.items())
    expected = spectrum[1] * share * times
    assert superpopulation.zayatz(*arrays(spectrum), population) == pytest.approx(expected, rel=1e-8)


@pytest.mark.parametrize(("alpha", "beta", "fraction"), [(0.5, 0.3, 0.2), (2.0, 0.6, 0.5), (0.17, 0.17, 0.3)])
def test_slide_negative_binomial_has_the_moments_of_its_model(alpha, beta, fraction, monkeypatch):
    """Expected class sizes of a population that follows the model give its share of uniques back."""
    population_classes = 100_000
    monkeypatch.setattr(superpopulation, "_shlosser", lambda *_: float(population_classes))
    reach = np.arange(1, 400)
    chance = (
        np.exp(
            [
                math.lgamma(alpha + j - 1) - math.lgamma(j) - math.lgamma(alpha) + (j - 1) * math.log1p(-beta)
                for j in reach
            ]
        )
        * beta**alpha
    )
    assert chance.sum() == pytest.approx(1, abs=1e-6)
    sizes = np.arange(1, 60)
    counts = np.array(
        [
            population_classes
            * sum(
                p * math.comb(int(j), int(i)) * fraction**i * (1 - fraction) ** int(j - i)
                for j, p in zip(reach, chance, strict=True)
                if j >= i
            )
            for i in sizes
        ]
    )
    population = round(population_classes * (reach @ chance))
    uniques = superpopulation.slide_negative_binomial(sizes.astype(float), counts, population)
    assert uniques == pytest.approx(population_classes * beta**alpha, rel=1e-3)


@pytest.mark.parametrize("fraction", [0.05, 0.1, 0.3, 0.8])
def test_near_the_truth_on_a_skewed_population(fraction):
    rng = np.random.default_rng(11)
    population = np.minimum(rng.zipf(1.35, 100_000), 10**9)
    truth = (np.unique(population, return_counts=True)[1] == 1).sum() / len(population)
    sample = pl.DataFrame({"value": rng.choice(population, int(len(population) * fraction), replace=False)})
    found = kh.population_uniqueness(sample, "value", population_size=len(population))
    assert found.share == pytest.approx(truth, rel=0.2)
    assert found.expected == pytest.approx(found.share * len(population))


@settings(max_examples=60, deadline=None)
@given(st.lists(st.integers(0, 30), min_size=1, max_size=60), st.sampled_from([0.001, 0.05, 0.1, 0.3, 0.99, 1.0]))
def test_every_frame_has_an_answer(values, fraction):
    found = kh.population_uniqueness(pl.DataFrame({"value": values}), "value", sampling_fraction=fraction)
    assert 0 <= found.share <= 1
    assert found.why in repr(found)
    assert f"{found.share:.1%}" in found._repr_html_()
