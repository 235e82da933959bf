"""Accounting and noise against outside references: dp-accounting's figures, and OpenDP's samples against the formula.

The figures are the tight epsilons of Google's dp-accounting 0.6.0 (privacy loss distributions) at delta 1e-6 for 1, 10
and 100 compositions. zCDP's bound must not be below them, and not far above: 9 % for the Gaussian (measured 7 to 9 %);
looser for the discrete Laplace, whose epsilon is its whole guarantee.
"""

from math import erfc, exp, sqrt

import numpy as np
import pytest
from kohort.release import epsilon_of
from kohort.release.gate.differential_privacy import half_width
from kohort.release.privacy.noise import gaussian_scale, noisy
from scipy.stats import chisquare

DELTA = 1e-6
GAUSSIAN = {1: 0.3969, 10: 1.3676, 100: 4.8866}
LAPLACE = {1: 0.1, 10: 0.9994, 100: 4.7746}


def tight_delta(scale, compositions, epsilon):
    """Balle and Wang (2018): the exact delta of Gaussian noise on a query that one person moves by 1."""

    def normal(x):
        return erfc(-x / sqrt(2)) / 2

    moved = sqrt(compositions) / scale
    return normal(moved / 2 - epsilon / moved) - exp(epsilon) * normal(-moved / 2 - epsilon / moved)


@pytest.mark.parametrize("compositions", GAUSSIAN)
def test_gaussian(compositions):
    tight = GAUSSIAN[compositions]
    rho = compositions * 1 / (2 * 10.0**2)
    assert tight <= epsilon_of(rho, DELTA) <= 1.09 * tight
    # The reference itself is the exact figure.
    assert tight_delta(10.0, compositions, tight - 1e-4) > DELTA > tight_delta(10.0, compositions, tight + 1e-4)


@pytest.mark.parametrize("compositions", LAPLACE)
def test_discrete_laplace(compositions):
    """An epsilon of 0.1 is 0.1**2 / 2 of rho (Bun and Steinke 2016, proposition 1.4)."""
    tight = LAPLACE[compositions]
    pure = 0.1 * compositions
    found = min(pure, epsilon_of(compositions * 0.1**2 / 2, DELTA))
    assert tight <= found * (1 + 1e-9)
    assert found <= 1.1 * tight


opendp = pytest.importorskip("opendp", reason="the extra 'privacy' is not installed")


@pytest.mark.parametrize("scale", [0.4, 1.0, 3.0, 17.5])
def test_samples_follow_the_discrete_gaussian(scale):
    """Chi-square against exp(-x**2 / (2 scale**2)) over whole numbers; one run in 100,000 fails by chance."""
    size = 20_000
    found = np.array(noisy([1000] * size, scale)) - 1000
    reach = int(12 * scale) + 3
    x = np.arange(-reach, reach + 1)
    chance = np.exp(-(x**2) / (2 * scale**2))
    chance /= chance.sum()
    rare = size * chance < 10
    observed = np.array([(found == value).sum() for value in x])
    assert observed.sum() == size
    observed = np.append(observed[~rare], observed[rare].sum())
    expected = size * np.append(chance[~rare], chance[rare].sum())
    # What no bin expects joins the largest.
    if expected[-1] < 5:
        middle = int(expected[:-1].argmax())
        observed[middle] += observed[-1]
        expected[middle] += expected[-1]
        observed, expected = observed[:-1], expected[:-1]
    assert chisquare(observed, expected).pvalue > 1e-5


@pytest.mark.parametrize(("scale", "cells"), [(0.5, 1), (3.0, 1), (5.0, 4), (2.0, 20)])
def test_the_error_said_holds(scale, cells):
    size = 2_000
    noise = np.array(noisy([0] * (size * cells), scale)).reshape(size, cells).sum(axis=1)
    # Three standard errors of a share.
    assert (abs(noise) <= half_width(scale, cells)).mean() >= 0.95 - 3 * sqrt(0.05 * 0.95 / size)


@pytest.mark.parametrize(("rho", "sensitivity"), [(0.005, 1.0), (0.1, sqrt(3)), (1e-4, 1e6), (3.0, 1.0)])
def test_the_scale_is_what_opendp_says_it_costs(rho, sensitivity):
    dp = pytest.importorskip("opendp.prelude")
    scale = gaussian_scale(rho, sensitivity)
    assert scale == pytest.approx(sensitivity / sqrt(2 * rho), rel=1e-9)
    space = dp.vector_domain(dp.atom_domain(T="i64")), dp.l2_distance(T="f64")
    assert dp.m.make_gaussian(*space, scale=scale).map(sensitivity) <= rho
