"""`make bench`: measures, and prints one table in which each figure stands beside the one it is compared with."""

import sys
from contextlib import ExitStack
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))

from bench import Bench
from figure import Figure
from measures import MEASURES
from options import FOLDER, Options, read
from places import Kind, PostgreSQL, SQLite
from postgres import postgres
from progress import say
from table import keep, table


def main() -> None:
    """Measures what was asked for. Never fails for a bar that is not reached: machines differ."""
    options = read()
    FOLDER.mkdir(exist_ok=True)
    kinds: list[Kind] = [SQLite(FOLDER)]
    with ExitStack() as stack:
        if options.postgres:
            kinds.append(PostgreSQL(stack.enter_context(postgres(FOLDER / "postgres"))))
        found = [_measure(Bench(options, kind), options) for kind in kinds]
    lines = "\n".join(table(options, found[0], found[1] if len(found) > 1 else ()))
    print(lines)
    if options.keep:
        keep(lines)


def _measure(bench: Bench, options: Options) -> list[Figure]:
    """Every row, or those that were asked for by name."""
    figures: list[Figure] = []
    for name, measure in MEASURES.items():
        if not options.only.search(name):
            continue
        for figure in measure(bench):
            other = "" if figure.other is None else f" against {figure.other:,.2f}"
            say(f"{bench.kind.label}: {figure.what}: {figure.ours:,.2f} {figure.unit}{other}")
            figures.append(figure)
    return figures


if __name__ == "__main__":
    main()
