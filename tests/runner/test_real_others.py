"""git, PostgreSQL's programs and any other command, really run; the outcome that each run must be read as."""

import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest
from real_tools import found, numbers
from tool_runs import run

from jobreport.model.catalog import JobState
from jobreport.runner.tools.base import Outcome


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

    @pytest.mark.parametrize("locale", ["C.UTF-8", "de_DE.UTF-8", "fr_FR.UTF-8"])
    @pytest.mark.parametrize("fetch", [["fetch", "--all"], ["remote", "update"], ["fetch", "--all", "-j", "2"]])
    def test_one_remote_of_several_is_away(self, tree: Path, fetch: Sequence[str], locale: str) -> None:
        self.git(tree, "init", "-q", "-b", "main", "origin")
        self.commit(tree, "one")
        self.git(tree, "init", "-q", "copy")
        self.git(tree, "-C", "copy", "remote", "add", "near", "../origin")
        self.git(tree, "-C", "copy", "remote", "add", "away", "../nowhere")
        env = {"LC_ALL": locale}
        updated = self.git(tree, "-C", "copy", *fetch, env=env)
        assert (updated.state, numbers(updated)) == (JobState.Exception, (1, 1, 0, 2))
        nothing_new = self.git(tree, "-C", "copy", *fetch, env=env)
        assert (nothing_new.state, numbers(nothing_new)) == (JobState.Exception, (1, 1, 0, 2))
        self.git(tree, "-C", "copy", "remote", "set-url", "near", "../nowhere")
        all_away = self.git(tree, "-C", "copy", *fetch, env=env)
        assert (all_away.state, numbers(all_away)) == (JobState.Failed, (2, 0, 0, 2))

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

    @pytest.mark.parametrize("locale", ["C.UTF-8", "de_DE.UTF-8", "fr_FR.UTF-8", "ja_JP.UTF-8"])
    def test_a_dump_that_fails_before_a_pipe(self, tree: Path, locale: str) -> None:
        """gzip is content with nothing, and its exit code is all that comes through."""
        found("pg_dump")
        script = f"pg_dump -h {tree}/nowhere db | gzip > db.gz"
        outcome = run(["sh", "-c", script], tree, {"PGPASSWORD": "s3cr3t", "LC_ALL": locale})
        assert (outcome.state, numbers(outcome)) == (JobState.Failed, (1, 0, 0, 1))


class TestTar:
    @pytest.mark.parametrize("locale", ["C.UTF-8", "de_DE.UTF-8", "fr_FR.UTF-8"])
    @pytest.mark.parametrize("spelling", [["-cvf"], ["cvf"], ["-c", "-v", "--file"]])
    def test_names_and_missing_files(self, tree: Path, spelling: Sequence[str], locale: str) -> None:
        tar = [found("tar"), *spelling, "x.tar"]
        whole = run([*tar, "source"], tree, {"LC_ALL": locale})
        assert (whole.state, numbers(whole)) == (JobState.Successful, (0, 4, 0, 4))
        partly = run([*tar, "source", "nowhere"], tree, {"LC_ALL": locale})
        assert (partly.state, numbers(partly)) == (JobState.Exception, (1, 4, 0, 5))
        nothing = run([*tar, "nowhere"], tree, {"LC_ALL": locale})
        assert (nothing.state, numbers(nothing)) == (JobState.Failed, (1, 0, 0, 1))

    def test_without_names_it_is_one_object(self, tree: Path) -> None:
        whole = run([found("tar"), "-czf", "x.tgz", "source"], tree)
        assert (whole.state, numbers(whole)) == (JobState.Successful, (0, 1, 0, 1))
        partly = run([found("tar"), "-czf", "x.tgz", "source", "missing"], tree)
        assert (partly.state, numbers(partly)) == (
            JobState.Exception,
            (1, 1, 0, 2),
        )  # what the command names is counted
        nowhere = run([found("tar"), "-cf", "nowhere/x.tar", "source"], tree)
        assert (nowhere.state, numbers(nowhere)) == (JobState.Failed, (1, 0, 0, 1))

    def test_a_pipe_keeps_the_messages(self, tree: Path) -> None:
        outcome = run(["sh", "-c", "tar -cvf - source nowhere | cat > x.tar"], tree)
        assert (outcome.state, outcome.counts.successful) == (JobState.Exception, 4)


class TestAnyOther:
    def test_what_python_says(self, tree: Path) -> None:
        done = run([sys.executable, "-c", "print('fine')"], tree)
        assert (done.state, numbers(done), done.comments) == (JobState.Successful, (0, 1, 0, 1), "")
        failed = run([sys.executable, "-c", "import sys; sys.exit('no disk left')"], tree)
        assert (failed.state, numbers(failed), failed.comments) == (JobState.Failed, (1, 0, 0, 1), "no disk left")
