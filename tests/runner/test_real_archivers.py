"""restic and borg, run on a small tree in a temporary folder; the outcome that each run must be read as."""

import fcntl
import shutil
from pathlib import Path

import pytest
from real_tools import BYTES, UNREADABLE, Tool, found, needs_unreadable, numbers
from tool_runs import run

from jobreport.model.catalog import JobState
from jobreport.runner.tools.base import Outcome


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

    def test_forget_by_groups(self, restic: Tool) -> None:
        for host in ("a", "a", "a", "b", "b"):
            assert restic("backup", "--host", host, "source").state is JobState.Successful
        forgotten = restic("forget", "--keep-last", "1")
        assert (forgotten.state, numbers(forgotten)) == (JobState.Successful, (0, 3, 0, 3))

    @pytest.mark.parametrize("json", [["--json"], []])
    def test_a_list_with_a_path_that_is_not_mounted(self, restic: Tool, tree: Path, json: list[str]) -> None:
        (tree / "list").write_text(f"{tree}/source\n{tree}/not/mounted\n")
        outcome = restic("backup", *json, "--files-from", "list")
        assert (outcome.state, numbers(outcome)) == (JobState.Exception, (1, 4, 0, 5))

    def test_behind_a_pipe(self, restic: Tool, tree: Path) -> None:
        shutil.move(tree / "repo", tree / "elsewhere")
        env = {"RESTIC_PASSWORD": "test", "RESTIC_CACHE_DIR": str(tree / "cache")}
        script = "nice restic -r {} backup source 2>&1 | tee log"
        outcome = run(["bash", "-c", script.format("repo")], tree, env)
        assert (outcome.state, numbers(outcome)) == (JobState.Failed, (1, 0, 0, 1))
        outcome = run(["bash", "-c", script.format("elsewhere")], tree, env)
        assert (outcome.state, numbers(outcome)) == (JobState.Successful, (0, 4, 0, 4))

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

    def test_what_stands_before_it(self, borg: Tool, tree: Path) -> None:
        env = {"BORG_BASE_DIR": str(tree / "base"), "BORG_UNKNOWN_UNENCRYPTED_REPO_ACCESS_IS_OK": "yes"}
        create = ["borg", "create", "repo::a", "source"]
        in_time = run(["timeout", "60", "nice", "-n", "1", *create, "--stats"], tree, env)
        assert (in_time.state, numbers(in_time)) == (JobState.Successful, (0, 4, 0, 4))
        too_late = run(["timeout", "0.001", *create], tree, env)
        assert (too_late.state, numbers(too_late)) == (JobState.Failed, (1, 0, 0, 1))
        absent = run(["nice", "/nowhere/borg", *create[1:]], tree, env)
        assert (absent.state, numbers(absent)) == (JobState.Failed, (1, 0, 0, 1))
        with (tree / "lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            locked = run(["flock", "-n", "lock", *create], tree, env)
        assert (locked.state, numbers(locked)) == (JobState.Failed, (1, 0, 0, 1))

    def test_a_missing_repository_and_archive(self, borg: Tool) -> None:
        outcome = borg("create", "--log-json", "nowhere::a", "source")
        assert (outcome.state, numbers(outcome)) == (JobState.Failed, (1, 0, 0, 1))
        assert "does not exist" in outcome.comments
        assert borg("extract", "repo::nothing").state is JobState.Failed
