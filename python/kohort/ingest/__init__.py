"""Data in: plain frames, OMOP folders and DuckDB files; each becomes a warehouse."""

from kohort.ingest.frames import frames
from kohort.ingest.omop import omop
from kohort.ingest.report import IngestReport, TableCounts

__all__ = ["IngestReport", "TableCounts", "frames", "omop"]
