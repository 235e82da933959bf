"""OHDSI Circe's cohort expressions (JSON) as definitions, and back. Only the meaning of its SQL was taken over."""

from kohort.definition.circe.whole import from_circe

__all__ = ["from_circe"]
