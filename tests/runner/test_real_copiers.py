"""rclone and rsync, run on a small tree in a temporary folder; the outcome that each run must be read as."""

from pathlib import Path

import pytest
from real_tools import BYTES, found, numbers, rclone
from tool_runs import run

from jobreport.model.catalog import JobState
from jobreport.runner.tools import Outcome


class TestRclone:
    ASKED = (["--use-json-log", "--stats-log-level", "NOTICE"], ["--use-json-log", "-v"], ["-v"])

    def call(self, tree: Path, *arguments: str) -> Outcome:
        return run([rclone(), *arguments, "--retries", "1"], tree, {"RCLONE_CONFIG": str(tree / "rclone.conf")})

    @pytest.mark.parametrize("asked", ASKED)
    def test_copy_again_and_back(self, tree: Path, asked: list[str]) -> None:
        first = self.call(tree, "copy", "source", "copy", *asked)
        assert (first.state, numbers(first)) == (JobState.Successful, (0, 4, 0, 4))
        assert first.counts.size == pytest.approx(BYTES, abs=1)  # the text log rounds
        again = self.call(tree, "copy", "source", "copy", *asked)
        assert (again.state, numbers(again)) == (JobState.Successful, (0, 4, 0, 4))
        assert again.comments == "nothing to transfer, 4 unchanged, 0 bytes"
        skipped = self.call(tree, "copy", "source", "copy", "--error-on-no-transfer", *asked)
        assert (skipped.state, numbers(skipped)) == (JobState.Skipped, (0, 4, 0, 4))
        restored = self.call(tree, "copy", "copy", "restored", *asked)
        assert (restored.state, numbers(restored)) == (JobState.Successful, (0, 4, 0, 4))

    def test_silence(self, tree: Path) -> None:
        first = self.call(tree, "copy", "source", "copy")
        assert (first.state, numbers(first)) == (JobState.Successful, (0, 1, 0, 1))
        skipped = self.call(tree, "copy", "source", "copy", "--error-on-no-transfer")
        assert (skipped.state, numbers(skipped)) == (JobState.Skipped, (0, 0, 1, 1))

    @pytest.mark.parametrize("asked", ASKED)
    def test_an_unreadable_file(self, tree: Path, asked: list[str]) -> None:
        (tree / "source" / "broken").symlink_to(tree / "nowhere")
        outcome = self.call(tree, "copy", "--copy-links", "source", "copy", *asked)
        assert (outcome.state, outcome.counts.successful) == (JobState.Exception, 4)
        assert outcome.counts.failed >= 1
        assert "broken" in outcome.comments

    @pytest.mark.parametrize("asked", ASKED)
    def test_a_missing_source(self, tree: Path, asked: list[str]) -> None:
        outcome = self.call(tree, "copy", "nowhere", "copy", *asked)
        assert (outcome.state, numbers(outcome)) == (JobState.Failed, (1, 0, 0, 1))
        assert "directory not found" in outcome.comments

    def test_a_limit_that_is_reached(self, tree: Path) -> None:
        asked = ["--max-transfer", "30k", "--transfers", "1", *self.ASKED[0]]
        outcome = self.call(tree, "copy", "source", "copy", *asked)
        assert outcome.state is JobState.Stopped
        assert 1 <= outcome.counts.successful < 4

    def test_misuse(self, tree: Path) -> None:
        outcome = self.call(tree, "copy", "source", "copy", "--bogus")
        assert (outcome.state, numbers(outcome)) == (JobState.Failed, (1, 0, 0, 1))
        assert "unknown flag: --bogus" in outcome.comments


class TestRsync:
    def call(self, tree: Path, *arguments: str) -> Outcome:
        return run([found("rsync"), *arguments], tree)

    def test_copy_again_and_back(self, tree: Path) -> None:
        first = self.call(tree, "-a", "--stats", "source/", "copy/")
        assert (first.state, numbers(first), first.counts.size) == (JobState.Successful, (0, 4, 0, 4), BYTES)
        again = self.call(tree, "-a", "--stats", "source/", "copy/")
        assert (again.state, numbers(again), again.counts.size) == (JobState.Successful, (0, 4, 0, 4), 0)
        restored = self.call(tree, "-a", "--stats", "copy/", "restored/")
        assert (restored.state, numbers(restored)) == (JobState.Successful, (0, 4, 0, 4))

    @pytest.mark.parametrize("asked", [["-v"], ["-i"]])
    def test_names_and_items_are_counted(self, tree: Path, asked: list[str]) -> None:
        outcome = self.call(tree, "-a", *asked, "source/", "copy/")
        assert (outcome.state, numbers(outcome)) == (JobState.Successful, (0, 4, 0, 4))

    def test_progress(self, tree: Path) -> None:
        outcome = self.call(tree, "-a", "--info=progress2", "source/", "copy/")
        assert outcome.state is JobState.Successful
        assert outcome.counts.total >= 4
        assert outcome.counts.size == BYTES

    def test_a_link_to_nowhere(self, tree: Path) -> None:
        (tree / "source" / "broken").symlink_to(tree / "nowhere")
        outcome = self.call(tree, "-rL", "--stats", "source/", "copy/")
        assert (outcome.state, numbers(outcome)) == (JobState.Exception, (1, 4, 0, 5))
        again = self.call(tree, "-aL", "--stats", "source/", "copy/")
        assert (again.state, numbers(again)) == (JobState.Exception, (1, 4, 0, 5))

    def test_what_is_no_regular_file_is_skipped(self, tree: Path) -> None:
        (tree / "source" / "link").symlink_to("f0.bin")
        outcome = self.call(tree, "-r", "--stats", "source/", "copy/")
        assert (outcome.state, numbers(outcome)) == (JobState.Successful, (0, 4, 1, 5))

    @pytest.mark.parametrize("asked", [["--stats"], []])
    def test_a_missing_source(self, tree: Path, asked: list[str]) -> None:
        outcome = self.call(tree, "-a", *asked, "nowhere/", "copy/")
        assert (outcome.state, numbers(outcome)) == (JobState.Failed, (1, 0, 0, 1))
        outcome = self.call(tree, "-a", *asked, "source/f0.bin", "nowhere", "copy/")
        assert outcome.state is JobState.Exception
        assert outcome.counts.failed == 1
