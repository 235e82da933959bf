"""The command `kohort` itself: what its commands share, and how errors and warnings are told."""

from __future__ import annotations

import warnings
from typing import Any

import click

from kohort import _core
from kohort.errors import KohortError, KohortWarning


class Failure(click.ClickException):
    """An error of kohort, or of the file system, in one sentence."""

    exit_code = 2


class Sentences(click.Group):
    """A group whose commands tell errors and warnings as sentences on stderr, never as tracebacks."""

    def invoke(self, ctx: click.Context) -> Any:
        """Run a command."""
        with warnings.catch_warnings():
            warnings.simplefilter("always", KohortWarning)
            warnings.showwarning = _tell
            try:
                return super().invoke(ctx)
            except (KohortError, OSError) as error:
                raise Failure(str(error)) from error


def _tell(message: Warning | str, *_: Any, **__: Any) -> None:
    click.echo(f"Warning: {message}", err=True)


@click.group(cls=Sentences, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(_core.VERSION, prog_name="kohort")
def main() -> None:
    """Cohort queries over health events, k-anonymity of any table, and a gate that nothing identifying passes.

    Try it on a synthetic population:  kohort demo
    """
