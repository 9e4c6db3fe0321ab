"""The main job, from nothing: real backups run and report themselves, and the job-report API answers for them."""

import argparse
import shutil
import signal
import sys
from pathlib import Path

import backups
import history
import report
import stage
from service import serving

FOLDER = Path(__file__).resolve().parent.parent / ".demo"


def main() -> int:
    """Runs the demonstration; 0 only if every job came out as it should."""
    parser = argparse.ArgumentParser(prog="make demo", description=__doc__)
    parser.add_argument("--once", action="store_true", help="end after the report instead of serving on")
    parser.add_argument("--picture", type=Path, metavar="FILE", help="also draw the report as SVG")
    asked = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    shutil.rmtree(FOLDER, ignore_errors=True)
    FOLDER.mkdir(mode=0o700)
    running = []
    try:
        with serving(FOLDER) as service:
            print(f"Serving {service.url} from a fresh store in {FOLDER.name}/.\n")
            with stage.Stage(FOLDER, service) as set_up:
                expected = backups.run_all(set_up)
                good = report.show(set_up, expected, asked.picture)
                running = set_up.running()
                history.invent(service)
                if not asked.once:
                    report.invite(service)
                    service.wait()
    except KeyboardInterrupt:
        print("\nStopped.")
        return 0
    if running:
        print(f"{len(running)} backups were still running and have been stopped.")
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
