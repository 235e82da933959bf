"""Policy as code: one TOML file says who may use the data for what, until when, where, and what may leave.

`schema` says what a file may hold, `faults` what is wrong with one, `prose` what it means. Enforcement is not here:
each door (open, ingest, run, release) asks the policy itself.
"""

from kohort.hosting.policy.difference import Change, PolicyDiff
from kohort.hosting.policy.policy import PRESETS, Policy, preset_text

__all__ = ["PRESETS", "Change", "Policy", "PolicyDiff", "preset_text"]
