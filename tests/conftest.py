"""Where the reference data lie that are not part of the repository."""

import os
from pathlib import Path

import hypothesis
import pytest

# Machines are shared and noisy: no law fails for having taken long.
hypothesis.settings.register_profile("kohort", deadline=None)
hypothesis.settings.load_profile("kohort")


@pytest.fixture
def shared():
    """Find a file of the shared folder (KOHORT_SHARED, or ../shared beside the repository); skip without it."""
    folder = Path(os.environ.get("KOHORT_SHARED", Path(__file__).parents[1] / ".." / "shared"))

    def find(path):
        if not (folder / path).exists():
            pytest.skip(f"reference data not here: {path} (set KOHORT_SHARED to the folder that holds it)")
        return folder / path

    return find
