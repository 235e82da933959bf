"""The study of `kohort demo`: new users of DPP-4 inhibitors, followed to a hospital stay."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from kohort.definition import age, age_bands, codes, cohort, death, diagnosis, drug, end_of_supply, stay
from kohort.demo import demo
from kohort.microdata import risk_report

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kohort.definition import Cohort
    from kohort.microdata import RiskReport
    from kohort.release import Release
    from kohort.results import Result
    from kohort.warehouse import Warehouse

#: Columns of the cohort's rows that somebody outside may know: when it began and when it ended.
KNOWN = ["start_month", "end_month"]


def initiators() -> Cohort:
    """Define adults who start a DPP-4 inhibitor on top of metformin."""
    return (
        cohort("DPP-4 initiators")
        .entry(drug(codes("ATC", "A10BH*", "A10BD07")).first(), between=("2013-01-01", "2018-12-31"))
        .observed(before=365)
        .require("adult", age() >= 18)
        .require("metformin in the last 180 days", drug(codes("ATC", "A10BA02")).within(-180, -1).any())
        .exclude("bladder cancer before", diagnosis(codes("ICD10", "C67*", "D090")).before().any())
        .exit(end_of_supply(gap=90), censor=death())
    )


@dataclass(frozen=True, slots=True)
class Study:
    """What was asked, and every release of it."""

    warehouse: Warehouse
    result: Result
    attrition: Release
    characteristics: Release
    incidence: Release
    risk: RiskReport | None

    @classmethod
    def of_demo(cls, persons: int) -> Study:
        """Run the study on a demo population of so many persons."""
        warehouse = demo(persons)
        result = warehouse.run(initiators())
        bands = age_bands([18, 40, 60, 80])
        comedication = ("C10AA*", "A10A*", "A10BB*")  # statins, insulins, sulfonylureas
        return cls(
            warehouse,
            result,
            result.attrition(),
            result.characterize(age=bands, prior=[drug(codes("ATC", code)).within(-365, -1) for code in comedication]),
            # A stay in the year before excludes: what is counted is a new stay, not the follow-up of an old one.
            result.incidence(stay(codes("STAY", "MCO*")), by=["sex", bands], washout=365),
            _risk(result),
        )

    def lines(self) -> Iterator[str]:
        """Say the study in plain text."""
        yield repr(self.warehouse)
        yield ""
        yield repr(self.incidence)
        yield ""
        yield f"Attrition: {self.steps()}."
        yield f"k-anonymity: {self.verdict()}."

    def steps(self) -> str:
        """Say the attrition in one line, as released."""
        frame = self.attrition.to_polars()
        texts = [
            f"{step} {persons:,}" if persons is not None else f"{step} (hidden)"
            for step, persons in zip(frame["step"], frame["persons"], strict=True)
        ]
        return ", ".join(texts)

    def verdict(self) -> str:
        """Say whether the cohort's rows could leave as they are."""
        if self.risk is None:
            return "the cohort has no rows to check"
        columns = " and ".join(name.replace("_", " ") for name in KNOWN)
        if self.risk.passes:
            return (
                f"by {columns} every row of the cohort shares its class with at least {self.risk.required - 1} others"
            )
        return (
            f"by {columns} the rows of the cohort are not {self.risk.required}-anonymous: they stay inside, "
            "and what leaves are tables that have passed the output rules"
        )


def _risk(result: Result) -> RiskReport | None:
    import polars as pl  # noqa: PLC0415

    rows = result.persons()
    if rows.is_empty():
        return None
    months = {name: pl.col(name.removesuffix("_month")).dt.truncate("1mo") for name in KNOWN}
    return risk_report(rows.select(**months), KNOWN)
