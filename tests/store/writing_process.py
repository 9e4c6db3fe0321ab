"""A process of its own that writes jobs: `writing_process.py URL PREFIX COUNT [START_FILE]`.

Prints each ID once the store has it. With a START_FILE it writes only when that file is there.
"""

import sys
import time
from pathlib import Path

from example_jobs import done

from jobreport.store import open_store


def main(url: str, prefix: str, count: str, start_file: str = "") -> None:
    while start_file and not Path(start_file).exists():
        time.sleep(0.001)
    store = open_store(url)
    tenant = store.tenant_id("default", create=True)
    assert tenant is not None
    for number in range(int(count)):
        job_ids = store.record(tenant, [done(f"{prefix}{number}"), done(f"{prefix}{number}-twin")]).job_ids
        print(*job_ids, flush=True)
    store.close()


if __name__ == "__main__":
    main(*sys.argv[1:])
