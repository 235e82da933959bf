"""The results of a cohort: exact inside, shown only as releases."""

from kohort.results.result import Result

__all__ = ["Result"]
