"""A process of its own that upgrades a store: `upgrading_process.py URL`. It prints a line before each part."""

import sys

from jobreport.store import Progress, open_store


def main(url: str) -> None:
    def say(progress: Progress) -> None:
        print(*progress, flush=True)

    open_store(url, migrate=True, progress=say).close()


if __name__ == "__main__":
    main(sys.argv[1])
