"""Regression models at the gate: coefficients that enough persons stand behind, and nothing of single persons."""

from __future__ import annotations

from math import floor, isfinite, log10
from typing import TYPE_CHECKING, Any

import numpy as np

from kohort.errors import ArgumentError, DisclosureError
from kohort.release.appended import append_figures
from kohort.release.fitted import read_fit
from kohort.release.gate import Exact, protect_table
from kohort.release.released import Measure, RuleRecord
from kohort.release.rules import OutputRules
from kohort.release.terms import People, dominated, few_in_reference, few_persons, thin_patterns

if TYPE_CHECKING:
    from collections.abc import Sequence

    from kohort.release.fitted import Fitted
    from kohort.release.released import Number, Release, Status

#: The row that describes the model as a whole.
MODEL = "(model)"
_FIGURES = ("estimate", "standard_error", "low", "high")


def release_model(
    fit: Any,
    *,
    data: Any = None,
    persons: Any = None,
    digits: int = 4,
    min_residual_df: int = 10,
    rules: OutputRules | None = None,
    title: str | None = None,
) -> Release:
    """Release a fitted regression model: coefficients, standard errors, confidence limits, persons, degrees of freedom.

    Parameters
    ----------
    fit
        What ``.fit()`` of a statsmodels model of one equation gave (least squares, generalized linear, logistic,
        Poisson, Cox), or a fitted ``CoxPHFitter`` of lifelines.
    data
        For lifelines, which does not keep it: the frame that the model was fitted on.
    persons
        Who each row of the data belongs to, where persons have several rows; by default each row is a person.
    digits
        Significant digits of coefficients, errors and limits.
    min_residual_df
        The fewest residual degrees of freedom of a model that is released. Of a Cox model they are its events less its
        coefficients.
    rules
        The thresholds to obey.
    title
        What heads the table.

    Returns
    -------
    Release
        A row for the model, with `persons`, `events` for an outcome of two values, and `residual_df`; and one per
        term with `estimate`, `standard_error`, `low`, `high` (the limits of the model's own confidence level).

    Raises
    ------
    DisclosureError
        If the model has too few persons, events or residual degrees of freedom, fits perfectly, or is saturated with
        few persons behind a pattern of its covariates.
    ArgumentError
        If `fit` is no such model, or the other arguments do not belong to it.

    Notes
    -----
    A coefficient is hidden, with its error and limits, where fewer than `min_cell` persons (with, or without, the
    outcome if that has two values) are in its level or in its complement; where few are in the reference level of its
    dummies; or where two persons carry more than 90 % of the variation that it is worked out from. Residuals, fitted
    values, leverages, covariances, likelihoods and test statistics are not released: with the covariates of a person
    they lead to the outcome. Estimates do so in a saturated model, which is refused where a table would be hidden.

    None of it stops who makes an outcome or a covariate for the purpose, such as one that only one person has beside
    noise: of models an output checker must see the code, too.

    Coefficients of a model with enough degrees of freedom are safe in principle: Ritchie F. Disclosure detection in
    research environments in practice. UNECE/Eurostat work session on statistical data confidentiality (2007); Reznek A,
    Riggs TL. Disclosure risks in regression models with dummy variables, Joint Statistical Meetings (2004-5), for
    dummies and saturated models; the SDC Handbook (Griffiths et al. 2019); and ACRO's `safe_dof_threshold` of 10.

    Examples
    --------
    >>> import numpy as np
    >>> import statsmodels.api as sm
    >>> x = np.arange(200.0)
    >>> fit = sm.OLS(3 + 2 * x + np.cos(x), sm.add_constant(x)).fit()
    >>> release_model(fit).to_polars()["estimate"].to_list()
    [None, 3.02, 2.0]
    """
    rules = rules or OutputRules()
    if not 1 <= digits <= 8:
        raise ArgumentError(f"digits is {digits}: give 1 to 8 significant digits")
    fitted = read_fit(fit, data)
    if persons is not None and len(persons) != len(fitted.design):
        raise ArgumentError(f"persons= has another length than the {len(fitted.design):,} rows of the model's data")
    people = People(fitted.weights, persons)
    _refuse(fitted, people, rules.min_cell, min_residual_df)
    hidden = {
        "few persons": few_persons(fitted, people, rules.min_cell),
        "few in the reference": few_in_reference(fitted, people, rules.min_cell),
        "dominance": dominated(fitted),
    }
    exact = _counts(fitted, people)
    head = title or f"{fitted.kind} model"
    release = protect_table(exact, title=head, kind="model", rules=rules)
    model: list[tuple[Sequence[Number], Status]] = [((fitted.residual_df,), "shown")]
    model += [((None,), "shown")] * len(fitted.terms)
    release = append_figures(release, [Measure("residual_df", "derived")], model, [])
    measures = [Measure(name, "derived", 4) for name in _FIGURES]
    record = _record(hidden, min_residual_df, digits)
    return append_figures(release, measures, _figures(fitted, hidden, digits), record)


def _refuse(fitted: Fitted, people: People, least: int, min_residual_df: int) -> None:
    everybody = people.everybody
    parts = [everybody] if fitted.outcome is None else [everybody, fitted.outcome, ~fitted.outcome]
    if any(people.count(part) < least for part in parts):
        what = "" if fitted.outcome is None else ", with and without the outcome,"
        raise DisclosureError(f"the model rests on fewer than {least} persons{what}: fit it on more")
    if fitted.residual_df < min_residual_df:
        raise DisclosureError(
            f"the model has fewer than {min_residual_df} residual degrees of freedom, so that it repeats its data: use "
            "fewer terms or more persons"
        )
    if fitted.perfect:
        raise DisclosureError(
            "the model fits its data without error, so that it repeats them: leave out what defines it"
        )
    if thin_patterns(fitted, people, least):
        raise DisclosureError(
            f"the model is saturated and a pattern of its covariates has fewer than {least} persons: leave out an "
            "interaction, or group levels"
        )


def _counts(fitted: Fitted, people: People) -> Exact:
    """Return the table of the persons whom the model rests on."""
    everybody = people.everybody
    exact = Exact(dimensions=("term",), counts=("persons",) if fitted.outcome is None else ("persons", "events"))
    row = exact.row((MODEL,))
    whole = exact.cell(row, "persons", people.count(everybody))
    if fitted.outcome is not None:
        with_outcome = people.count(fitted.outcome)
        # A person with several rows may be in both parts: the rest is who never has the outcome.
        rest = exact.imply(people.count(everybody) - with_outcome)
        exact.relate(whole, (exact.cell(row, "events", with_outcome), rest))
    for term in fitted.terms:
        exact.row((term,))
    return exact


def _figures(fitted: Fitted, hidden: dict[str, Any], digits: int) -> list[tuple[Sequence[Number], Status]]:
    rows: list[tuple[Sequence[Number], Status]] = [((None,) * len(_FIGURES), "shown")]
    columns = (fitted.estimates, fitted.errors, fitted.low, fitted.high)
    for j in range(len(fitted.terms)):
        found = [float(column[j]) for column in columns]
        small = hidden["few persons"][j] or hidden["few in the reference"][j]
        status: Status = "small" if small else "protective" if hidden["dominance"][j] else "shown"
        # An estimate that ran away tells of a level without, or with only, outcomes.
        if not all(map(isfinite, found)):
            status = "withheld"
        rows.append(([_rounded(value, digits) for value in found], status))
    return rows


def _rounded(value: float, digits: int) -> Number:
    if not isfinite(value) or value == 0:
        return value if value == 0 else None
    return round(value, digits - 1 - floor(log10(abs(value))))


def _record(hidden: dict[str, Any], min_residual_df: int, digits: int) -> list[RuleRecord]:
    any_hidden = sum(bool(flags) for flags in np.logical_or.reduce(list(hidden.values())))
    return [
        RuleRecord("saturation", f"at least {min_residual_df} residual degrees of freedom; no thin saturated pattern"),
        RuleRecord("terms", f"{any_hidden:,} hidden: few persons in a level or its reference, or two dominate"),
        RuleRecord("precision", f"{digits} significant digits"),
    ]
