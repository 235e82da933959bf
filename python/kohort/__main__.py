"""`python -m kohort` is `kohort`."""

from kohort.cli import main

if __name__ == "__main__":
    main(prog_name="kohort")
