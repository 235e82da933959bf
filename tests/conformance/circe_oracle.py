"""What OHDSI Circe's own SQL (duckcdm) finds on DuckDB."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import duckdb
import pytest

if TYPE_CHECKING:
    from pathlib import Path

circe = pytest.importorskip("duckcdm.circe")
omop = pytest.importorskip("duckcdm.omop")
sqlrender = pytest.importorskip("duckcdm.sqlrender")

RESULTS = """
create schema results;
create table results.cohort
    (cohort_definition_id bigint, subject_id bigint, cohort_start_date date, cohort_end_date date);
create table results.cohort_inclusion_result
    (cohort_definition_id bigint, mode_id integer, inclusion_rule_mask bigint, person_count bigint);
create table results.cohort_inclusion_stats (cohort_definition_id bigint, rule_sequence integer, mode_id integer,
    person_count bigint, gain_count bigint, person_total bigint);
create table results.cohort_summary_stats
    (cohort_definition_id bigint, mode_id integer, base_count bigint, final_count bigint);
create table results.cohort_censor_stats (cohort_definition_id bigint, lost_count bigint);
"""


class Oracle:
    """A CDM in DuckDB, asked in Circe's SQL."""

    def __init__(self, folder: Path) -> None:
        self.connection = duckdb.connect()
        omop.create_parquet_views(self.connection, str(folder), materialize=True, log=lambda *_: None)
        self.connection.execute(RESULTS)

    def statements(self, definition, *, stats=False):
        """Translate a definition to statements of DuckDB's SQL."""
        query = circe.build_cohort_query(
            json.dumps(definition),
            cohort_id=1,
            cdm_schema="main",
            vocabulary_schema="main",
            result_schema="results",
            target_table="results.cohort",
            generate_stats=stats,
        )
        return sqlrender.split_sql(sqlrender.translate(sqlrender.render(query), "duckdb"))

    def rows(self, definition, *, stats=False):
        """Give the rows of a cohort: person, first day, last day, in order."""
        for statement in self.statements(definition, stats=stats):
            self.connection.execute(statement)
        return self.connection.execute(
            "select subject_id, cohort_start_date, cohort_end_date from results.cohort order by all"
        ).fetchall()

    def masks(self, mode):
        """Give how many events (mode 0) or persons' best events (1) of the last cohort pass which rules."""
        found = self.connection.execute(
            "select inclusion_rule_mask, person_count from results.cohort_inclusion_result where mode_id = ?", [mode]
        )
        return dict(found.fetchall())
