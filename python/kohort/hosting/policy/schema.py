"""What a policy may say: its sections, their fields and what each value may be.

A value that the controller has not established is written `"unknown"`; wherever it is needed, it is a refusal.
"""

from __future__ import annotations

from datetime import date  # noqa: TC003 - pydantic reads the annotations
from typing import Annotated, Literal, TypeAlias, TypeVar

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator

T = TypeVar("T")
Unknown = Literal["unknown"]
Known: TypeAlias = T | Unknown
Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]
Share = Annotated[float, Field(gt=0, le=1)]
Count = Annotated[int, Field(ge=1)]

# The five potential identifiers of the SNDS (Health Data Hub, collaborative documentation, "identifiants potentiels").
POTENTIAL_IDENTIFIERS = ("birth_month", "residence_commune", "care_dates", "death_date", "death_commune")


class Section(BaseModel):
    """A table of the file: fields that are not known here are refused."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class Authorization(Section):
    """Who allowed the use of the data, and from when to when, both days included (UTC)."""

    required: bool = True
    authority: Text | None = None
    reference: Text | None = None
    decided: Known[date] | None = None
    not_before: Known[date] | None = None
    not_after: Known[date] | None = None

    @model_validator(mode="after")
    def _whole(self) -> Authorization:
        given = {
            name for name in ("authority", "reference", "not_before", "not_after") if getattr(self, name) is not None
        }
        if self.required and len(given) < 4:
            missing = [name for name in ("authority", "reference", "not_before", "not_after") if name not in given]
            raise ValueError(f"an authorization that is required must say {', '.join(missing)}")
        if not self.required and given:
            raise ValueError("an authorization that is not required has no reference and no dates: leave them out")
        first, last = self.not_before, self.not_after
        if not isinstance(first, str) and not isinstance(last, str) and first and last and first > last:
            raise ValueError(f"not_before {first} is after not_after {last}")
        return self


class Controller(Section):
    """Who decides on the use of the data, and on which legal basis."""

    name: Known[Text]
    legal_basis: Known[Text]


class Purposes(Section):
    """What the data may be used for; each session declares one."""

    allowed: Annotated[tuple[Text, ...], Field(min_length=1, strict=False)]
    forbidden: Annotated[tuple[Text, ...], Field(strict=False)] = ()

    @model_validator(mode="after")
    def _apart(self) -> Purposes:
        both = sorted(set(self.allowed) & set(self.forbidden))
        if both:
            raise ValueError(f"{both[0]!r} is both allowed and forbidden")
        return self


class Population(Section):
    """Whose data may be held, and how many persons at most."""

    rule: Known[Text]
    max_persons: Known[Count] | Literal["unlimited"]
    max_share: Known[Share] | Literal["unlimited"] = "unlimited"
    # The population that the share is taken of.
    reference_persons: Known[Count] | None = None

    @model_validator(mode="after")
    def _share_of_what(self) -> Population:
        if isinstance(self.max_share, float) and self.reference_persons is None:
            raise ValueError("max_share needs reference_persons, the population that the share is taken of")
        return self


class Variables(Section):
    """How exact the variables of persons may be that are held."""

    birth: Known[Literal["none", "year", "month", "day"]]
    full_birth_date: Literal["refuse", "truncate"] = "refuse"
    residence: Known[Literal["none", "country", "region", "departement", "commune"]]
    direct_identifiers: Literal["refuse"] = "refuse"


class Identifiers(Section):
    """Which potential identifiers may be used, and how many of them may be crossed in one question."""

    birth_month: Known[bool]
    residence_commune: Known[bool]
    care_dates: Known[bool]
    death_date: Known[bool]
    death_commune: Known[bool]
    max_crossed: Known[Annotated[int, Field(ge=0, le=5)]]


class Hosting(Section):
    """What is demanded of the host; its own sheet, declared by the controller, is held against it."""

    required: bool = True
    regions: Known[Annotated[tuple[Text, ...], Field(strict=False)]] | Literal["any"] = "any"
    home_jurisdictions: Known[Annotated[tuple[Text, ...], Field(strict=False)]] | Literal["any"] = "any"
    hds_activities: Annotated[tuple[Annotated[int, Field(ge=1, le=6)], ...], Field(strict=False)] = ()
    hds_version: Text | None = None
    secnumcloud: bool = False
    access_outside_eea: Known[Literal["none", "technical data only", "allowed"]] = "none"


class Access(Section):
    """Who may see what beyond releases."""

    row_level: Known[bool]
    named_persons: bool = False


class Person(Section):
    """A person who may open the data, until the day their clearance is reviewed."""

    name: Text
    role: Text
    until: date


class Retention(Section):
    """How long data and logs are kept, in months."""

    data_months: Known[Count]
    log_months: Known[Count]


class Head(Section):
    """The version of this language, and the policy's name."""

    version: Literal[1]
    id: Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9-]*$")]
    title: Text


class Document(Section):
    """The whole file, but for the output rules, which `kohort.release.OutputRules` reads."""

    policy: Head
    authorization: Authorization
    controller: Controller
    purposes: Purposes
    population: Population
    variables: Variables
    identifiers: Identifiers
    hosting: Hosting
    access: Access
    persons: Annotated[tuple[Person, ...], Field(strict=False)] = ()
    retention: Retention

    @model_validator(mode="after")
    def _named(self) -> Document:
        names = [person.name for person in self.persons]
        if self.access.named_persons and not names:
            raise ValueError("access.named_persons is true, but no [[persons]] are named")
        if len(set(names)) < len(names):
            raise ValueError("a person is named twice under [[persons]]")
        return self
