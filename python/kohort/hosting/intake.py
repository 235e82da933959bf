"""What a policy asks of data on their way into a warehouse: how many, how exact, and nothing that names anybody."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from kohort.errors import MinimizationRefused
from kohort.hosting.admission import Admission
from kohort.hosting.doors import check_population
from kohort.microdata.identifiers.contents import RULES, texts
from kohort.microdata.identifiers.names import kinds_of_name

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from datetime import datetime
    from pathlib import Path

    from kohort.hosting.hosts import Hosts
    from kohort.hosting.policy import Policy

# What names a person outright, by contents or by the column's name.
_CONTENTS = frozenset({"social security number", "e-mail address", "phone number"})
_NAMES = _CONTENTS | {"name", "address"}
# Columns of kohort's own, whose names say nothing else.
_OWN = frozenset({"person_id", "start", "end", "code", "sex", "birth_month", "death"})


class Intake:
    """The checks of one ingest; every batch passes them before it is taken.

    Parameters
    ----------
    admission
        What the policy let in.
    kept
        Whether identifiers of persons are stored as they are given.
    """

    def __init__(self, admission: Admission, *, kept: bool) -> None:
        self.admission = admission
        self._policy = admission.policy
        self._kept = kept
        self._persons = 0

    @classmethod
    def open(
        cls,
        policy: Policy | str | Path | None,
        address: str,
        *,
        kept: bool,
        person: str | None,
        hosts: Hosts | str | Path | None,
        clock: Callable[[], datetime],
        truncate: bool = False,
    ) -> Intake | None:
        """Ask a policy whether data may be stored at an address; None where there is no policy.

        Raises
        ------
        AuthorizationError
            One of its kinds, for the first reason found.
        """
        if policy is None:
            return None
        intake = cls(Admission.to_store(policy, address, person=person, hosts=hosts, clock=clock), kept=kept)
        if truncate and intake.admission.policy.document.variables.full_birth_date != "truncate":
            raise MinimizationRefused(
                "birth_dates='truncate' takes full dates of birth, which the policy refuses: give months; nothing was "
                "stored"
            )
        return intake

    def look(self, table: str, batch: pl.DataFrame) -> None:
        """Refuse a batch that the policy does not let be stored.

        Raises
        ------
        MinimizationRefused
            If persons become too many, a variable is too exact, or a column holds what names persons.
        """
        if table == "persons":
            self._persons += batch.height
            check_population(self._policy, self._persons)
            self._birth(batch)
            if "death" in batch.columns and batch["death"].null_count() < batch.height:
                self._identifier("death_date", "the day of death")
        if table == "residence":
            self._residence()
        for name in batch.columns:
            for kind in self._naming(name, batch[name]):
                raise MinimizationRefused(
                    f"column {name!r} of table {table!r} holds, or is named for, a {kind}: leave it out; "
                    "nothing was stored"
                )

    def _naming(self, name: str, column: pl.Series) -> Iterator[str]:
        if name not in _OWN:
            yield from (kind for kind in kinds_of_name(name) if kind in _NAMES)
        if name == "person_id" and not self._kept:
            return
        values = column.drop_nulls().alias("value").to_frame()
        if column.dtype.is_temporal() or values.is_empty():
            return
        text = texts(values.with_columns(count=pl.lit(1)))
        if text is None:
            return
        for rule in RULES:
            if rule.kind in _CONTENTS:
                hits = text.select((rule.matches & True).fill_null(value=False).mean()).item()
                if hits >= rule.least:
                    yield rule.kind

    def _birth(self, batch: pl.DataFrame) -> None:
        allowed = self._policy.document.variables.birth
        months = batch["birth_month"].drop_nulls()
        if months.is_empty() or allowed in {"month", "day"}:
            return
        if allowed == "year" and bool((months.cast(pl.Date).dt.month() == 1).all()):
            return
        why = "not established" if allowed == "unknown" else f"{allowed!r}"
        raise MinimizationRefused(
            f"table 'persons' holds months of birth, variables.birth is {why} in policy {self._policy.id!r}: give "
            "January of the year where the year is allowed, or leave them out; nothing was stored"
        )

    def _residence(self) -> None:
        allowed = self._policy.document.variables.residence
        if allowed != "commune":
            why = "not established" if allowed == "unknown" else f"{allowed!r}"
            raise MinimizationRefused(
                f"table 'residence' holds communes, variables.residence is {why} in policy {self._policy.id!r}: leave "
                "it out; nothing was stored"
            )
        self._identifier("residence_commune", "the commune of residence")

    def _identifier(self, field: str, words: str) -> None:
        allowed = getattr(self._policy.document.identifiers, field)
        if allowed is not True:
            why = "not established" if allowed == "unknown" else "refused"
            raise MinimizationRefused(
                f"identifiers.{field} is {why} in policy {self._policy.id!r}: leave {words} out; nothing was stored"
            )
