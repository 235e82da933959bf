"""Models: which coefficients are released, which are hidden, and which models are refused."""

from __future__ import annotations

import kohort as kh
import numpy as np
import pytest

formula = pytest.importorskip("statsmodels.formula.api")
pd = pytest.importorskip("pandas")


def people(persons=400, seed=1, **counts):
    """Persons with a level of `region` each, an age, a cost that depends on both, and an illness of a third."""
    rng = np.random.default_rng(seed)
    levels = [name for name, count in counts.items() for _ in range(count)]
    region = np.array(levels + ["main"] * (persons - len(levels)))
    age = rng.uniform(20, 80, persons)
    cost = 100 + 3 * age + 50 * (region == "main") + rng.normal(0, 30, persons)
    ill = rng.uniform(size=persons) < 1 / 3
    return pd.DataFrame({"region": region, "age": age, "cost": cost, "ill": ill.astype(int)})


def estimates(release):
    frame = release.to_polars()
    return dict(zip(frame["term"], frame["estimate"], strict=True))


def test_coefficients_are_those_of_the_fit():
    fit = formula.ols("cost ~ age + C(region)", people(north=100, south=60)).fit()
    rel = kh.release_model(fit)
    frame = rel.to_polars()
    assert frame["persons"].to_list() == [400, None, None, None, None]
    assert frame["residual_df"].to_list() == [396.0, None, None, None, None]
    for j, name in enumerate(fit.params.index):
        row = frame.row(j + 1, named=True)
        assert row["term"] == name
        assert row["estimate"] == float(f"{fit.params.iloc[j]:.4g}")
        assert row["standard_error"] == float(f"{fit.bse.iloc[j]:.4g}")
        assert row["low"] == float(f"{fit.conf_int().iloc[j, 0]:.4g}")
    assert "covariance" not in "".join(frame.columns)


def test_a_level_of_few_persons_is_hidden():
    found = estimates(kh.release_model(formula.ols("cost ~ age + C(region)", people(north=100, south=6)).fit()))
    assert found["C(region)[T.south]"] is None
    assert found["C(region)[T.north]"] is not None
    assert found["age"] is not None


def test_a_reference_of_few_persons_hides_what_is_compared_with_it():
    found = estimates(kh.release_model(formula.ols("cost ~ age + C(region)", people(east=6, south=100)).fit()))
    assert found["Intercept"] is None
    assert found["C(region)[T.main]"] is None
    assert found["C(region)[T.south]"] is None
    assert found["age"] is not None


def test_an_outcome_of_few_in_a_level_is_hidden():
    data = people(north=60)
    data.loc[data.region == "north", "ill"] = [1] * 4 + [0] * 56
    found = estimates(kh.release_model(formula.logit("ill ~ age + C(region)", data).fit(disp=0)))
    assert found["C(region)[T.north]"] is None, "4 of the 60 have the outcome"
    assert found["age"] is not None


def test_a_slope_that_two_persons_carry_is_hidden():
    data = people()
    data["dose"] = np.where(data.index < 2, 1000.0, np.random.default_rng(2).normal(0, 1, len(data)))
    rel = kh.release_model(formula.ols("cost ~ age + dose", data).fit())
    assert estimates(rel)["dose"] is None
    assert "1 hidden" in rel.explain()


def test_an_interaction_that_few_have_is_hidden():
    data = people(north=100)
    data["rare"] = (data.index < 7) | (data.index > 300)
    found = estimates(kh.release_model(formula.ols("cost ~ age + rare + C(region) + rare:age:C(region)", data).fit()))
    assert found["rare[T.True]:age:C(region)[north]"] is None, "7 persons have another value than 0"
    assert found["rare[T.True]:age:C(region)[main]"] is not None


@pytest.mark.parametrize(
    ("model", "persons", "words"),
    [
        ("cost ~ age", 8, "fewer than 11 persons"),
        ("cost ~ C(age)", 40, "residual degrees of freedom"),
        ("cost ~ cost + age", 60, "without error"),
    ],
)
def test_models_that_repeat_their_data_are_refused(model, persons, words):
    with pytest.raises(kh.DisclosureError, match=words), np.errstate(divide="ignore"):
        kh.release_model(formula.ols(model, people(persons)).fit())


def test_a_saturated_model_is_refused_where_a_table_would_be_hidden():
    data = people(north=100)
    data["young"] = (data.index < 6) | (data.index > 200)
    with pytest.raises(kh.DisclosureError, match="saturated"):
        kh.release_model(formula.ols("cost ~ C(region) * young", data).fit())
    data["young"] = (data.index < 50) | (data.index > 200)
    assert estimates(kh.release_model(formula.ols("cost ~ C(region) * young", data).fit()))["Intercept"] is not None


def test_persons_count_once_however_many_rows_they_have():
    data = people(north=40)
    fit = formula.ols("cost ~ age + C(region)", data).fit()
    assert estimates(kh.release_model(fit))["C(region)[T.north]"] is not None
    who = np.where(data.region == "north", data.index % 5, data.index)
    rel = kh.release_model(fit, persons=who)
    assert estimates(rel)["C(region)[T.north]"] is None
    with pytest.raises(kh.ArgumentError, match="another length"):
        kh.release_model(fit, persons=who[1:])


def test_weights_do_not_smuggle_few_persons_in():
    data = people(north=100)
    few = np.where(data.index < 6, 1.0, 0.0)
    with pytest.raises(kh.DisclosureError, match="fewer than 11 persons"):
        kh.release_model(formula.wls("cost ~ age", data, weights=few).fit())
    heavy = np.where(data.index < 2, 1e6, 1.0)
    assert estimates(kh.release_model(formula.wls("cost ~ age", data, weights=heavy).fit()))["age"] is None


def test_cox_models_of_both_libraries_agree():
    lifelines = pytest.importorskip("lifelines")
    data = people(north=150)
    rng = np.random.default_rng(3)
    data["north"] = (data.region == "north").astype(int)
    data["time"] = rng.exponential(200 / np.exp(0.3 * data.north + 0.01 * data.age))
    data["event"] = (rng.uniform(size=len(data)) < 0.7).astype(int)
    columns = ["age", "north", "time", "event"]
    cox = lifelines.CoxPHFitter().fit(data[columns], "time", "event")
    one = kh.release_model(cox, data=data[columns]).to_polars()
    two = formula.phreg("time ~ age + north", data, status=data["event"], ties="efron").fit()
    other = kh.release_model(two).to_polars()
    assert one["estimate"].to_list()[1:] == pytest.approx(other["estimate"].to_list()[1:], rel=2e-3)
    assert one["residual_df"][0] == other["residual_df"][0] == data.event.sum() - 2
    with pytest.raises(kh.ArgumentError, match="as data="):
        kh.release_model(cox)
    assert kh.release_model(cox, data=data[columns]).plot().axes


def test_what_is_no_model_is_refused():
    with pytest.raises(kh.ArgumentError, match="no fitted model"):
        kh.release_model({"params": [1]})
    with pytest.raises(kh.ArgumentError, match="significant digits"):
        kh.release_model(formula.ols("cost ~ age", people()).fit(), digits=0)
