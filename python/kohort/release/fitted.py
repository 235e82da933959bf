"""Fitted models of other libraries, read by what they offer: none of these libraries is imported."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from kohort.errors import ArgumentError

Floats = np.ndarray[Any, np.dtype[np.float64]]


@dataclass(frozen=True, slots=True)
class Fitted:
    """What a release needs to know of a fitted model.

    `design` has a row per row of data and a column per term; `weights` says what each row counts for; `outcome` says
    for outcomes of two values, and for times to an event, which rows have it.
    """

    kind: str
    terms: tuple[str, ...]
    estimates: Floats
    errors: Floats
    low: Floats
    high: Floats
    design: Floats
    weights: Floats
    outcome: np.ndarray[Any, np.dtype[np.bool_]] | None
    residual_df: float
    perfect: bool = False


def read_fit(fit: Any, data: Any = None) -> Fitted:
    """Read a fitted model of statsmodels or a Cox model of lifelines.

    Raises
    ------
    ArgumentError
        If it is neither, is not fitted, was fitted without its data at hand, or penalizes its coefficients.
    """
    if hasattr(fit, "params_") and hasattr(fit, "standard_errors_"):
        return _lifelines(fit, data)
    if all(hasattr(fit, name) for name in ("params", "bse", "conf_int", "model")):
        return _statsmodels(fit)
    raise ArgumentError(
        f"a {type(fit).__name__} is no fitted model that can be released: give the result of .fit() of statsmodels, or "
        "a fitted CoxPHFitter of lifelines"
    )


def _statsmodels(fit: Any) -> Fitted:
    model = fit.model
    design = getattr(model, "exog", None)
    estimates = np.asarray(fit.params, dtype=float)
    if design is None or np.ndim(design) != 2 or estimates.shape != (np.shape(design)[1],):
        raise ArgumentError(
            f"a {type(model).__name__} has not one coefficient per column of its design, so that no one can tell who "
            "stands behind which: only models of one equation are released"
        )
    design = np.asarray(design, dtype=float)
    limits = np.asarray(fit.conf_int(), dtype=float)
    status = getattr(model, "status", None)
    outcome = _two_valued(model.endog) if status is None else np.asarray(status, dtype=float) != 0
    residual_df = getattr(fit, "df_resid", None)
    if residual_df is None or status is not None:
        rows = len(design) if status is None or outcome is None else int(np.sum(outcome))
        residual_df = rows - np.linalg.matrix_rank(design)
    perfect = getattr(fit, "rsquared", None)
    return Fitted(
        kind=type(model).__name__,
        terms=tuple(map(str, model.exog_names)),
        estimates=estimates,
        errors=np.asarray(fit.bse, dtype=float),
        low=limits[:, 0],
        high=limits[:, 1],
        design=design,
        weights=_weights(model, len(design)),
        outcome=outcome,
        residual_df=float(residual_df),
        perfect=perfect is not None and float(perfect) > 1 - 1e-9,
    )


def _lifelines(fit: Any, data: Any) -> Fitted:
    if not hasattr(fit, "event_observed") or not hasattr(fit, "regressors"):
        raise ArgumentError(f"a {type(fit).__name__} cannot be released: only a fitted CoxPHFitter can, of lifelines")
    if data is None:
        raise ArgumentError("lifelines keeps no design of the model: give the frame that it was fitted on as data=")
    columns = fit.regressors.transform_df(data)
    design = np.asarray(columns.get("beta_", columns), dtype=float)
    outcome = np.asarray(fit.event_observed, dtype=bool)
    estimates = np.asarray(fit.params_, dtype=float)
    if design.shape != (len(outcome), len(estimates)):
        raise ArgumentError(f"data= has not the rows and columns that the model was fitted on: {design.shape}")
    limits = np.asarray(fit.confidence_intervals_, dtype=float)
    return Fitted(
        kind=type(fit).__name__,
        terms=tuple(map(str, fit.params_.index)),
        estimates=estimates,
        errors=np.asarray(fit.standard_errors_, dtype=float),
        low=limits[:, 0],
        high=limits[:, 1],
        design=design,
        weights=np.asarray(fit.weights, dtype=float),
        outcome=outcome,
        residual_df=float(np.sum(outcome) - np.linalg.matrix_rank(design)),
    )


def _weights(model: Any, rows: int) -> Floats:
    """Return what each row counts for: the product of all weights that a model has."""
    answer = np.ones(rows)
    for name in ("weights", "freq_weights", "var_weights"):
        given = getattr(model, name, None)
        if given is not None:
            answer = answer * np.broadcast_to(np.asarray(given, dtype=float), rows)
    return answer


def _two_valued(outcome: Any) -> np.ndarray[Any, np.dtype[np.bool_]] | None:
    """Tell which rows have the greater of two values; none for an outcome of more."""
    given = np.asarray(outcome, dtype=float)
    if given.ndim != 1:
        return None
    values = np.unique(given)
    return given == values[-1] if len(values) == 2 else None
