"""Lets the tests import the programs that write the reference, which lie beside the pages."""

import sys
from pathlib import Path

# Last, so that `docs/build.py` hides no package.
sys.path.append(str(Path(__file__).parents[2] / "docs"))
