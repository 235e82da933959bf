"""Random expressions of Circe in which every field of every criterion can turn up, for laws that need no data."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st
from kohort.definition.circe.tables import COUNTED, CRITERIA, DEMOGRAPHIC

NUMBERS = st.integers(0, 4)  # of concept sets; the last two of them are not in the expression
DAYS = st.sampled_from(["2015-01-31", "2016-2-29", "2019-12-01"])
OPERATORS = st.sampled_from(["lt", "lte", "eq", "!eq", "gt", "gte", "bt", "!bt"])
OFFSETS = st.integers(-40, 40)
CONCEPTS = st.lists(st.integers(1, 9).map(lambda number: {"CONCEPT_ID": number, "CONCEPT_NAME": "x"}), max_size=3)


def some(**fields: Any) -> Any:
    """Make an object that may lack any of its fields."""
    return st.fixed_dictionaries({}, optional=fields)


def ranges(values: Any) -> Any:
    return st.fixed_dictionaries({"Op": OPERATORS, "Value": values, "Extent": values})


TEXTS = st.fixed_dictionaries(
    {
        "Op": st.builds(
            str.__add__, st.sampled_from(["", "!"]), st.sampled_from(["startsWith", "endsWith", "contains"])
        ),
        "Text": st.text("ab%'\\", max_size=4),
    }
)
KINDS = {
    "date": ranges(DAYS),
    "whole": ranges(st.integers(-3, 90) | st.floats(0, 90)),
    "decimal": ranges(st.floats(-3, 90) | st.integers(0, 9)),
    "gap": ranges(st.integers(0, 90)),
    "text": TEXTS,
    "concepts": CONCEPTS,
    "typed": CONCEPTS,
    "selection": some(CodesetId=NUMBERS | st.none(), IsExclusion=st.booleans()),
    "set": NUMBERS,
    "abnormal": st.booleans(),
}
ADJUSTMENTS = some(
    StartWith=st.sampled_from(["START_DATE", "END_DATE"]),
    StartOffset=OFFSETS,
    EndWith=st.sampled_from(["START_DATE", "END_DATE"]),
    EndOffset=OFFSETS,
)
PERIODS = some(StartDate=DAYS, EndDate=DAYS)


def attributes(known: Any) -> dict[str, Any]:
    found = {one.name: KINDS[one.kind] for one in known}
    return found | {one.exclusion: st.booleans() for one in known if one.kind == "typed"}


def criteria(groups: Any) -> Any:
    """Make criteria of every class; each has few of its many fields."""

    def of(name: str) -> Any:
        kind = CRITERIA[name]
        fields = attributes(kind.attributes)
        fields |= {field: NUMBERS for field in (kind.codes, kind.source) if field}
        fields |= {"First": st.booleans()} if kind.first else {}
        fields |= {"UserDefinedPeriod": PERIODS} if kind.period else {}
        fields |= {"DateAdjustment": ADJUSTMENTS, "CorrelatedCriteria": groups}
        names = st.lists(st.sampled_from(sorted(fields)), max_size=4, unique=True)
        content = names.flatmap(lambda chosen: st.fixed_dictionaries({field: fields[field] for field in chosen}))
        return content.map(lambda made: {name: made})

    return st.sampled_from(sorted(CRITERIA)).flatmap(of)


ENDPOINTS = st.fixed_dictionaries(
    {"Coeff": st.sampled_from([-1, 1])}, optional={"Days": st.integers(0, 400) | st.none()}
)
WINDOWS = st.fixed_dictionaries(
    {"Start": ENDPOINTS, "End": ENDPOINTS},
    optional={"UseIndexEnd": st.booleans() | st.none(), "UseEventEnd": st.booleans() | st.none()},
)
OCCURRENCES = st.fixed_dictionaries(
    {"Type": st.integers(0, 2), "Count": st.integers(0, 3)},
    optional={"IsDistinct": st.booleans(), "CountColumn": st.sampled_from(sorted(COUNTED)) | st.none()},
)


def correlated(groups: Any) -> Any:
    return st.fixed_dictionaries(
        {"Criteria": criteria(groups), "StartWindow": WINDOWS, "Occurrence": OCCURRENCES},
        optional={"EndWindow": WINDOWS, "RestrictVisit": st.booleans(), "IgnoreObservationPeriod": st.booleans()},
    )


def group(groups: Any) -> Any:
    return st.fixed_dictionaries(
        {
            "Type": st.sampled_from(["ALL", "ANY", "AT_LEAST", "AT_MOST", "all", "Any"]),
            "Count": st.integers(0, 4),
            "CriteriaList": st.lists(correlated(groups), max_size=2),
            "DemographicCriteriaList": st.lists(some(**attributes(DEMOGRAPHIC)), max_size=2),
            "Groups": st.lists(groups, max_size=2),
        }
    )


EMPTY = st.just({"Type": "ALL", "CriteriaList": []})
GROUPS = st.recursive(EMPTY, group, max_leaves=3)
ITEMS = st.fixed_dictionaries(
    {"concept": st.integers(1, 5).map(lambda number: {"CONCEPT_ID": number})},
    optional={name: st.booleans() for name in ("isExcluded", "includeDescendants", "includeMapped")},
)
SETS = st.tuples(
    *(
        st.fixed_dictionaries(
            {
                "id": st.just(number),
                "name": st.sampled_from(["A", "B (1)", " two\nlines ", "", None]),
                "expression": st.fixed_dictionaries({"items": st.lists(ITEMS, max_size=3)}),
            }
        )
        for number in range(3)
    )
).map(list)
LIMITS = st.fixed_dictionaries({"Type": st.sampled_from(["First", "Last", "All", "ALL", "Earliest"])})
STRATEGIES = st.one_of(
    st.none(),
    some(DateField=st.sampled_from(["StartDate", "EndDate"]), Offset=OFFSETS).map(lambda made: {"DateOffset": made}),
    st.fixed_dictionaries(
        {"DrugCodesetId": NUMBERS},
        optional={
            "GapDays": st.integers(0, 60),
            "Offset": OFFSETS,
            "DaysSupplyOverride": st.none() | st.integers(1, 9),
        },
    ).map(lambda made: {"CustomEra": made}),
)
EXPRESSIONS = st.fixed_dictionaries(
    {
        "ConceptSets": SETS,
        "PrimaryCriteria": st.fixed_dictionaries(
            {
                "CriteriaList": st.lists(criteria(GROUPS), min_size=1, max_size=3),
                "ObservationWindow": some(PriorDays=OFFSETS, PostDays=OFFSETS),
            },
            optional={"PrimaryCriteriaLimit": LIMITS},
        ),
    },
    optional={
        "Title": st.sampled_from(["a title", None]),
        "AdditionalCriteria": GROUPS | st.none(),
        "QualifiedLimit": LIMITS,
        "ExpressionLimit": LIMITS,
        "InclusionRules": st.lists(
            st.fixed_dictionaries({"name": st.sampled_from(["one", "one", "", None]), "expression": GROUPS}), max_size=3
        ),
        "EndStrategy": STRATEGIES,
        "CensoringCriteria": st.lists(criteria(GROUPS), max_size=2),
        "CollapseSettings": some(CollapseType=st.just("ERA"), EraPad=st.integers(0, 30)),
        "CensorWindow": st.none() | st.sampled_from([{}, {"StartDate": "2015-01-01"}, {"EndDate": "2019-12-31"}]),
    },
)
