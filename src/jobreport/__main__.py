"""The program `jobreport`, also as `python -m jobreport`.

A server's worker processes import this module too.
"""

import sys

from jobreport.runner.hold import hold


def main() -> None:
    """Runs the command line. Holds back signals while it is loaded, so that none ends `run` without a report."""
    if sys.argv[1:2] == ["run"]:
        hold()
    from jobreport.cli import main as command_line

    command_line()


if __name__ == "__main__":
    main()
