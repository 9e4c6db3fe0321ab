"""Whatever rclone finds at both ends, no more is claimed than is right at the destination, and what failed is known."""

import random
from pathlib import Path

import pytest
from real_tools import UNREADABLE, needs_unreadable, rclone
from tool_runs import run

KINDS = ("same", "same", "new", "changed", "unreadable", "in the way")
LEVELS = (["--stats-log-level", "NOTICE"], ["-v"], ["-v", "--use-json-log"], ["-vv"])


def lay(tree: Path, chance: random.Random) -> None:
    """A source and a destination with files of every kind; some in a folder, and some only at the destination."""
    source, target = tree / "source", tree / "copy"
    source.mkdir()
    for number in range(chance.randint(1, 7)):
        here = source / chance.choice([".", "sub"]) / f"f{number}"
        there = target / here.relative_to(source)
        here.parent.mkdir(exist_ok=True)
        there.parent.mkdir(parents=True, exist_ok=True)
        here.write_text("x" * (number + 3))
        kind = chance.choice(KINDS)
        if kind == "same":
            there.write_bytes(here.read_bytes())
        elif kind == "changed":
            there.write_text("another content")
        elif kind == "unreadable":
            here.unlink()
            here.symlink_to(UNREADABLE)
        elif kind == "in the way":
            there.mkdir()
            (there / "held").touch()
    for number in range(chance.choice([0, 0, 1, 2])):
        (target / f"extra{number}").touch()


@pytest.mark.parametrize("seed", range(16))
@needs_unreadable
def test_no_more_is_claimed_than_is_right(tmp_path: Path, seed: int) -> None:
    chance = random.Random(seed)
    lay(tmp_path, chance)
    source, target = tmp_path / "source", tmp_path / "copy"
    asked = [
        *chance.choice(LEVELS),
        *chance.choice([[], [], ["--backup-dir", str(tmp_path / "old")]]),
    ]
    argv = [
        rclone(),
        chance.choice(["copy", "sync"]),
        "-L",
        "source",
        "copy",
        "--checksum",
        "--exclude",
        "held",
        *asked,
    ]
    outcome = run(argv, tmp_path, {"RCLONE_CONFIG": str(tmp_path / "c"), "RCLONE_CACHE_DIR": str(tmp_path / "cache")})
    files = [path for path in source.rglob("*") if path.is_file()]
    readable = [path for path in files if not path.is_symlink()]
    there = {path: target / path.relative_to(source) for path in readable}
    right = sum(other.is_file() and other.read_bytes() == path.read_bytes() for path, other in there.items())
    assert outcome.counts.successful <= right
    assert outcome.counts.failed == len(files) - right
    if asked[0] == "-vv" or (not outcome.counts.failed and asked[0] == "-v"):
        assert outcome.counts.successful == right
