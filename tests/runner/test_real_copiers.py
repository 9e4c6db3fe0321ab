"""rclone and rsync, run on a small tree in a temporary folder; the outcome that each run must be read as."""

from pathlib import Path

import pytest
from real_tools import BYTES, UNREADABLE, found, needs_unreadable, numbers, rclone
from tool_runs import run

from jobreport.model.catalog import JobState
from jobreport.runner.tools.base import Outcome

# Where one is not installed, the tool speaks English, and must be read alike.
LOCALES = ("C.UTF-8", "de_DE.UTF-8", "fr_FR.UTF-8", "ja_JP.UTF-8")


class TestRclone:
    ASKED = (["--use-json-log", "--stats-log-level", "NOTICE"], ["--use-json-log", "-v"], ["-v"])

    def call(self, tree: Path, *arguments: str) -> Outcome:
        """As its user runs it, with the three attempts that are its default."""
        env = {"RCLONE_CONFIG": str(tree / "rclone.conf"), "RCLONE_CACHE_DIR": str(tree / "cache")}
        return run([rclone(), *arguments], tree, env)

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

    @pytest.mark.parametrize("asked", ASKED)
    @pytest.mark.parametrize("action", ["copy", "sync", "move"])
    def test_what_changed_is_counted_once(self, tree: Path, action: str, asked: list[str]) -> None:
        self.call(tree, "copy", "source", "copy")
        (tree / "source" / "f1.bin").write_bytes(b"longer than it was before" * 1000)
        (tree / "copy" / "extra").write_text("only there")
        outcome = self.call(tree, action, "source", "copy", *asked)
        assert outcome.state is JobState.Successful
        assert numbers(outcome) == (0, 4, 0, 4)

    @pytest.mark.parametrize("asked", ASKED[1:])
    def test_what_is_new_is_counted_beside_what_was_there(self, tree: Path, asked: list[str]) -> None:
        self.call(tree, "copy", "source", "copy")
        (tree / "source" / "new").write_text("new")
        outcome = self.call(tree, "sync", "source", "copy", "--backup-dir", "old", *asked)
        assert (outcome.state, numbers(outcome)) == (JobState.Successful, (0, 5, 0, 5))

    @pytest.mark.parametrize("asked", ASKED[1:])
    @pytest.mark.parametrize("action", ["copy", "sync"])
    @needs_unreadable
    def test_each_attempt_checks_all_again(self, tree: Path, action: str, asked: list[str]) -> None:
        (tree / "source" / "broken").symlink_to(UNREADABLE)
        for _ in range(2):
            outcome = self.call(tree, action, "--copy-links", "source", "copy", *asked)
            assert (outcome.state, numbers(outcome)) == (JobState.Exception, (1, 4, 0, 5))

    @pytest.mark.parametrize("asked", ASKED)
    def test_nothing_is_right_where_no_change_could_be_written(self, tree: Path, asked: list[str]) -> None:
        self.call(tree, "copy", "source", "copy")
        for file in [path for path in (tree / "source").rglob("*") if path.is_file()]:
            file.write_bytes(b"another content, and a longer one" * 1000)
            there = tree / "copy" / file.relative_to(tree / "source")
            there.unlink()
            there.mkdir()  # so that nothing of this name can be written, not even by root
            (there / "held").touch()
        outcome = self.call(tree, "copy", "source", "copy", "--exclude", "held", *asked)
        assert outcome.state is JobState.Failed
        assert outcome.counts.failed >= 4

    @pytest.mark.parametrize("asked", ASKED)
    def test_a_bisync_that_saves_itself_saved_nothing(self, tree: Path, asked: list[str]) -> None:
        (tree / "copy").mkdir()
        first = self.call(tree, "bisync", "source", "copy", "--resync", *asked)
        assert (first.state, numbers(first)) == (JobState.Successful, (0, 4, 0, 4))
        nothing = self.call(tree, "bisync", "source", "copy", *asked)
        assert (nothing.state, numbers(nothing)) == (JobState.Successful, (0, 1, 0, 1))
        for number in range(3):
            (tree / "source" / f"f{number}.bin").unlink()
        outcome = self.call(tree, "bisync", "source", "copy", *asked)
        assert (outcome.state, numbers(outcome)) == (JobState.Failed, (1, 0, 0, 1))
        assert "too many deletes" in outcome.comments

    @pytest.mark.parametrize("asked", [[], *ASKED])
    def test_a_check_counts_what_matches(self, tree: Path, asked: list[str]) -> None:
        self.call(tree, "copy", "source", "copy")
        same = self.call(tree, "check", "source", "copy", *asked)
        assert (same.state, numbers(same)) == (JobState.Successful, (0, 4, 0, 4))
        (tree / "copy" / "f1.bin").write_bytes(b"another content")
        (tree / "copy" / "f2.bin").unlink()
        outcome = self.call(tree, "check", "source", "copy", *asked)
        assert (outcome.state, numbers(outcome)) == (JobState.Exception, (2, 2, 0, 4))

    @pytest.mark.parametrize("asked", ASKED[1:])
    def test_deleted_objects_are_counted(self, tree: Path, asked: list[str]) -> None:
        outcome = self.call(tree, "delete", "source", *asked)
        assert (outcome.state, numbers(outcome)) == (JobState.Successful, (0, 4, 0, 4))

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

    @pytest.mark.parametrize("asked", ["--info=progress2", "-P", "-Pv"])
    def test_progress_counts_no_folder(self, tree: Path, asked: str) -> None:
        outcome = self.call(tree, "-a", asked, "source/", "copy/")
        assert (outcome.state, numbers(outcome)) == (JobState.Successful, (0, 4, 0, 4))
        assert outcome.counts.size == BYTES if asked == "--info=progress2" else 20_000

    @pytest.mark.parametrize("locale", LOCALES)
    @pytest.mark.parametrize("asked", [["--stats"], ["--stats", "-h"], ["--stats", "--no-h"], ["--info=progress2"]])
    def test_any_locale(self, tree: Path, locale: str, asked: list[str]) -> None:
        (tree / "source" / "large").write_bytes(b"0123456789" * 200_000)
        outcome = run([found("rsync"), "-a", *asked, "source/", "copy/"], tree, {"LC_ALL": locale})
        assert (outcome.state, numbers(outcome)) == (JobState.Successful, (0, 5, 0, 5))
        assert outcome.counts.size == pytest.approx(BYTES + 2_000_000, rel=0.01)

    @pytest.mark.parametrize("asked", [["-v"], ["-i"], ["-P"], ["--stats"], ["-v", "--stats"]])
    def test_what_cannot_be_written_is_counted_once(self, tree: Path, asked: list[str]) -> None:
        for number in range(2):
            held = tree / "copy" / f"f{number}.bin"
            held.mkdir(parents=True)
            (held / "held").touch()  # a folder that is not empty stands in the way, for root as well
        outcome = self.call(tree, "-r", *asked, "source/", "copy/")
        assert (outcome.state, numbers(outcome)) == (JobState.Exception, (2, 2, 0, 4))

    @pytest.mark.parametrize("asked", [["-v"], ["-i"], ["-P"], ["--stats"]])
    @needs_unreadable
    def test_what_cannot_be_read_is_counted_once(self, tree: Path, asked: list[str]) -> None:
        (tree / "source" / "gone").symlink_to(tree / "nowhere")
        outcome = self.call(tree, "-rL", *asked, "source/", "copy/")
        assert (outcome.state, numbers(outcome)) == (JobState.Exception, (1, 4, 0, 5))

    def test_behind_a_pipe_its_own_exit_code_counts(self, tree: Path) -> None:
        outcome = run(["sh", "-c", "rsync -a --stats source/f0.bin nowhere copy/ 2>&1 | cat"], tree)
        assert (outcome.state, numbers(outcome)) == (JobState.Exception, (1, 1, 0, 2))
        outcome = run(["sh", "-c", "rsync -a nowhere/ copy/ 2>&1 | cat"], tree)
        assert (outcome.state, numbers(outcome)) == (JobState.Failed, (1, 0, 0, 1))

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
