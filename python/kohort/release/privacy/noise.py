"""Noise by OpenDP: exact discrete Gaussian samples from the system's randomness."""

from __future__ import annotations

from math import nextafter, sqrt
from typing import TYPE_CHECKING, Any

from kohort.errors import ArgumentError

if TYPE_CHECKING:
    from collections.abc import Sequence


def gaussian_scale(rho: float, sensitivity: float) -> float:
    """Return the scale of discrete Gaussian noise that makes a query rho-zCDP, or a very little more.

    Parameters
    ----------
    rho
        The cost.
    sensitivity
        How far one person can move the vector of answers, in Euclidean distance.

    Returns
    -------
    float
        Such that sensitivity**2 / (2 scale**2) is at most rho.

    Raises
    ------
    ArgumentError
        If OpenDP is not installed: nothing is spent before that is known.

    Notes
    -----
    Canonne CL, Kamath G, Steinke T. The discrete Gaussian for differential privacy. NeurIPS 2020, theorem 4.
    """
    scale = sensitivity / sqrt(2 * rho)
    # OpenDP bounds the cost of its own arithmetic from above: its word counts.
    while _mechanism(scale).map(sensitivity) > rho:
        scale = nextafter(scale * (1 + 1e-15), float("inf"))
    return scale


def noisy(values: Sequence[int], scale: float) -> list[int]:
    """Return whole numbers with independent discrete Gaussian noise.

    Parameters
    ----------
    values
        The exact numbers.
    scale
        The scale of the noise; its standard deviation is very nearly that, and never more.

    Returns
    -------
    list of int
        The noisy numbers, in the same order.
    """
    return [int(value) for value in _mechanism(scale)(list(values))]


def _mechanism(scale: float) -> Any:
    try:
        import opendp.prelude as dp  # noqa: PLC0415 - optional, and large
    except ImportError as error:
        raise ArgumentError("differential privacy needs OpenDP: pip install 'kohort[privacy]'") from error
    dp.enable_features("contrib")
    space = dp.vector_domain(dp.atom_domain(T="i64")), dp.l2_distance(T="f64")
    return dp.m.make_gaussian(*space, scale=scale)
