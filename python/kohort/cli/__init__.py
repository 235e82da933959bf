"""The command line, `kohort`: demo, ingest, run, check, anonymize, policy, hosting, verify, verify-store."""

from kohort.cli.anonymize import anonymize
from kohort.cli.checks import check, verify_store
from kohort.cli.demo import demo
from kohort.cli.hosting import hosting
from kohort.cli.ingest import ingest
from kohort.cli.policy import policy
from kohort.cli.root import main
from kohort.cli.run import run
from kohort.cli.verify import verify

for command in (demo, ingest, run, check, anonymize, policy, hosting, verify, verify_store):
    main.add_command(command)

__all__ = ["main"]
