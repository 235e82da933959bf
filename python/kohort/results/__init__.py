"""The results of a cohort: exact inside, shown only as releases."""

from kohort.results.difference import DefinitionDiff, diff
from kohort.results.forecast import Forecast, forecast
from kohort.results.profile import Profile, StepCost
from kohort.results.result import Result
from kohort.results.unicity import Unicity
from kohort.results.why import Why

__all__ = ["DefinitionDiff", "Forecast", "Profile", "Result", "StepCost", "Unicity", "Why", "diff", "forecast"]
