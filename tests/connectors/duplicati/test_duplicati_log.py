"""How the logs of Duplicati's backups are read: what is new, and all where a log is made anew or in use."""

import pytest
from collected_jobs import Jobs
from duplicati_looks import Look, wanted
from fakes.duplicati.duplicati_server import Backup, Server
from fakes.loopback import Reply, serving

from clocks import Clock
from jobreport.configuration.check import Fault, checked
from jobreport.connectors.base import Look as Asked
from jobreport.connectors.base import NextRun
from jobreport.connectors.collect import PassResult
from jobreport.connectors.kinds.duplicati import Settings
from jobreport.connectors.trial import trial
from jobreport.model import ticks
from jobreport.model.catalog import JobState
from jobreport.store import Store
from jobreport.store.registry import connectors

HOUR = 3600


def ends(passed: PassResult) -> dict[str, str]:
    return {looked.stream: looked.error for looked in passed.streams}


def pages(server: Server) -> list[int]:
    """Before which rows the log was asked for since this was last called; 0: from the newest."""
    found = [int(query.get("offset", ["0"])[0]) for path, query in server.asked if path.endswith("/log")]
    server.asked.clear()
    return found


def test_what_is_new_is_read_and_nothing_twice(server: Server, look: Look, jobs: Jobs, clock: Clock) -> None:
    server.ended()
    assert (look().streams[0].created, look().streams[0].read) == (1, 0)
    clock.pass_by(HOUR)
    server.row(2, "Warning", "no access to x")
    server.ended(ParsedResult="Warning")
    assert look().streams[0].read == 1
    assert [job.state for job in jobs()] == [JobState.Successful, JobState.Exception]


def test_pages_go_back_to_what_is_known_by_the_numbers_of_rows(server: Server, look: Look, clock: Clock) -> None:
    for _ in range(250):
        clock.pass_by(HOUR)
        server.ended()
    del server.backups[2].rows[100:130]  # numbers have gaps: they count rows, and are no places in a list
    assert look().streams[0].read == 220
    assert pages(server) == [0, 151, 21]
    for _ in range(120):
        clock.pass_by(60)
        server.ended()
    assert look().streams[0].read == 120
    assert pages(server) == [0, 271]


def test_a_log_that_is_made_anew_is_read_from_its_beginning(
    server: Server, look: Look, jobs: Jobs, clock: Clock
) -> None:
    """When a database is repaired its log is gone, and numbers begin anew: soon there are rows with the same."""
    server.ended()
    clock.pass_by(HOUR)
    server.ended()
    look()
    server.backups[2].rows.clear()
    for state in ("Fatal", "Success", "Success"):
        clock.pass_by(HOUR)
        server.ended(ParsedResult=state)
    assert look().streams[0].created == 3
    assert [job.state for job in jobs()].count(JobState.Failed) == 1


def test_each_backup_is_a_stream_and_temporary_ones_are_none(server: Server, look: Look, jobs: Jobs) -> None:
    server.backups |= {3: Backup("photos"), 9: Backup("once", temporary=True)}
    server.ended(3)
    assert ends(look()) == {"DB-2": "", "DB-3": ""}
    assert [job.plan for job in jobs()] == ["photos"]


def test_a_log_is_not_missed_while_its_backup_runs_but_not_for_days(
    server: Server, look: Look, jobs: Jobs, clock: Clock
) -> None:
    backup = server.backups[2]
    server.ended()
    look()
    backup.locked = backup.active = True
    clock.pass_by(20 * HOUR)
    assert look().whole
    clock.pass_by(5 * HOUR)
    assert "pc-1 local files runs since" in ends(look())["DB-2"]
    backup.locked = backup.active = False
    server.ended(ParsedResult="Error")
    assert look().whole
    assert [job.state for job in jobs()] == [JobState.Successful, JobState.Exception]


def test_a_log_that_was_never_read_is_no_data_while_its_backup_runs(server: Server, look: Look) -> None:
    server.backups[2].locked = server.backups[2].active = True
    server.backups[3] = Backup("photos")
    running = "pc-1 local files runs, and its log can be read when that has ended"
    assert ends(look()) == {"DB-2": running, "DB-3": ""}


def test_a_log_that_something_else_has_in_use_is_no_data(server: Server, look: Look) -> None:
    look()
    server.backups[2].locked = True
    assert ends(look())["DB-2"] == "the log of pc-1 local files: Duplicati answers 400"


def test_a_failure_without_a_result_is_told_by_the_servers_own_note(
    server: Server, look: Look, jobs: Jobs, clock: Clock
) -> None:
    """Its database is not there yet, so there is no log."""
    server.failed("the destination refuses the connection")
    look()
    (job,) = jobs()
    assert (job.state, "refuses the connection" in job.comments) == (JobState.Failed, True)
    look()
    assert len(jobs()) == 1
    clock.pass_by(40 * 86_400)
    server.ended()
    look()
    assert len(jobs()) == 2


def test_a_failure_with_a_result_is_told_once(server: Server, look: Look, jobs: Jobs, clock: Clock) -> None:
    server.ended(ParsedResult="Fatal")
    clock.pass_by(90)
    server.failed("403 Forbidden")
    look()
    clock.pass_by(HOUR)
    server.ended()
    look()
    assert [job.state for job in jobs()] == [JobState.Failed, JobState.Successful]


def test_a_pause_of_more_than_the_thirty_days_that_a_log_is_kept_is_a_hole(
    look: Look, store: Store, tenant: int, clock: Clock
) -> None:
    for pause in (29, 40):
        look()
        clock.pass_by(pause * 86_400)
    look()
    with store.reading() as transaction:
        (standing,) = connectors.standings(transaction, tenant)
    assert [(hole.ends - hole.begins) // ticks.PER_DAY for hole in standing.holes] == [10]


def test_a_session_that_ends_is_begun_again(server: Server, look: Look) -> None:
    server.backups |= {number: Backup("more") for number in range(3, 8)}
    server.lasts = 3
    assert look().whole
    assert server.logins == 3


def test_when_a_backup_begins_next_is_announced_also_while_it_runs(
    server: Server, url: str, password: str, clock: Clock
) -> None:
    backup = server.backups[2]
    backup.next_run = clock.now // ticks.PER_SECOND * ticks.PER_SECOND + ticks.PER_DAY
    server.backups[3] = Backup("by hand")
    backup.locked = backup.active = True
    connector = wanted(url, password)
    with connector.kind.open(connector.settings) as opened:
        first, second = opened.streams()
        assert next(opened.read(first, Asked(since=0, now=clock.now))).next_runs == [
            NextRun(backup.name, backup.next_run)
        ]
        assert next(opened.read(second, Asked(since=0, now=clock.now))).next_runs == []
        assert first.announces


def test_a_trial_signs_in_and_shows_what_a_look_would_bring(
    server: Server, url: str, password: str, clock: Clock
) -> None:
    server.ended()
    found = trial(wanted(url, password), clock.now)
    assert [(right.name, right.held) for right in found.rights] == [("the password of Duplicati's server", True)]
    assert [(one.stream.name, one.states) for one in found.streams] == [("DB-2", {JobState.Successful: 1})]


def test_a_wrong_password_is_told_and_not_tried_twice(server: Server, look: Look, url: str, password: str) -> None:
    server.password = "another"
    assert look().error == "Duplicati does not take the credentials"
    assert server.logins == 1


def test_a_version_that_signs_in_otherwise_is_told(password: str, clock: Clock) -> None:
    with serving(lambda request: Reply({"Status": "OK"})) as url:
        found = trial(wanted(url, password), clock.now)
    assert found.error == "Duplicati's answer to the password has no AccessToken: it is a version before 2.1"


def test_a_backup_may_name_another_machine_and_a_server_none(
    server: Server, look: Look, jobs: Jobs, clock: Clock
) -> None:
    server.backups[2].settings = {"--machine-id": "till-3", "--machine-name": "till"}
    server.ended()
    look()
    assert jobs()[0].reference.startswith("duplicati:till-3:DB-2:Backup:")
    assert jobs()[0].resource == "till"
    server.backups = {4: Backup("photos")}
    server.machine_id = None
    clock.pass_by(HOUR)
    server.ended(4)
    look()
    assert [job.reference for job in jobs()][1:] == [""]


def test_a_row_that_cannot_be_read_hides_no_other(server: Server, look: Look, jobs: Jobs) -> None:
    server.row(2, "Result", "ParsedResult: Success")
    server.ended()
    (looked,) = look().streams
    assert (looked.read, looked.error.partition(":")[0]) == (1, "1 of its records cannot be read")


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"url": "http://pc-1:8200", "password_file": "x"}, "url must begin with https"),
        ({"url": "http://127.0.0.1:8200"}, "password_file"),
    ],
)
def test_settings_that_cannot_be_right_are_refused_with_words(settings: dict[str, object], said: str) -> None:
    with pytest.raises(Fault) as raised:
        checked(settings, Settings)
    assert said in f"{raised.value.path} {raised.value.message}"
