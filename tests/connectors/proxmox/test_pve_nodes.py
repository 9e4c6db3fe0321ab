"""How the nodes of a Proxmox VE cluster are read: to the end, no log twice, and each node by itself."""

import pytest
from fakes.proxmox_server import Cluster
from proxmox_reading import NIGHT, NOW, T, guest, jobs, log, one_job, opened, pages

from jobreport.connectors.base import CannotReadError
from jobreport.connectors.kinds.proxmox import tasks
from jobreport.connectors.kinds.pve import nodes
from jobreport.model import ticks
from jobreport.model.catalog import JobState

DAY = 86_400


def asked(cluster: Cluster, ending: str) -> list[dict[str, str]]:
    return [
        {name: values[0] for name, values in one.query.items()} for one in cluster.asked if one.path.endswith(ending)
    ]


def test_every_page_is_read_of_runs_that_run_and_of_runs_that_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tasks, "PAGE", 3)
    cluster = Cluster()
    for number in range(7):
        cluster.add("vzdump", f"{100 + number}", NIGHT - number, NIGHT + 60)
    cluster.add("vzdump", "", T - 60)
    cluster.add("qmstart", "101", T - 60, T - 50)
    cluster.add("vzdumpx", "101", T - 60, T - 50)
    with opened(cluster) as connector:
        found = jobs(pages(connector, "pve1"))
    assert len({job.job_id for job in found}) == len(found) == 8
    assert [job.state for job in found].count(JobState.InProgress) == 1
    listed = asked(cluster, "/tasks")
    assert {one["source"] for one in listed} == {"all"}
    assert {one["typefilter"] for one in listed} == {"vzdump", "qmrestore", "vzrestore"}
    assert all(int(one["limit"]) == 3 for one in listed)


def test_a_list_that_ends_before_its_end_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    cluster = Cluster()
    cluster.most = 1
    for number in range(3):
        cluster.add("vzdump", "101", NIGHT + number, NIGHT + 60)
    with opened(cluster) as connector, pytest.raises(CannotReadError, match="ends after 1 items, and should have 3"):
        pages(connector, "pve1")


def test_a_run_that_is_longer_than_the_time_between_two_looks_is_told_when_it_ends() -> None:
    cluster = Cluster()
    long = cluster.add("vzdump", "101", T - 5 * DAY)
    running = one_job(cluster)
    assert running.state is JobState.InProgress
    long.end, long.log = T - 60, log(guest(101))
    with opened(cluster) as connector:
        (ended,) = jobs(pages(connector, "pve1", running, since=NOW - ticks.PER_DAY))
    assert (ended.state, ended.job_id) == (JobState.Successful, running.job_id)
    assert ended.finish == NOW - 60 * ticks.PER_SECOND


def test_of_a_task_that_the_list_has_no_more_its_status_is_told_and_no_time_is_made_up() -> None:
    cluster = Cluster()
    task = cluster.add("vzdump", "101", T - 5 * DAY)
    running = one_job(cluster)
    task.end, task.status = T - 60, "no space left"
    cluster.unlisted = {running.job_id}
    with opened(cluster) as connector:
        (ended,) = jobs(pages(connector, "pve1", running, since=NOW - ticks.PER_DAY))
        assert (ended.state, ended.finish) == (JobState.Failed, NOW)
        assert ended.comments == "Proxmox does not tell when it ended\nno space left"
        cluster.forgotten = {running.job_id}
        assert [page.gone for page in pages(connector, "pve1", running)][-2:-1] == [[running.job_id]]


def test_a_log_is_read_once_and_to_its_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(nodes, "LINES", 4)
    cluster = Cluster()
    lines = log(*(guest(number) for number in range(101, 111)))
    cluster.add("vzdump", "", NIGHT, NIGHT + 60, log=lines)
    cluster.add("vzdump", "", T - 60, log=["INFO: it runs"])
    with opened(cluster) as connector:
        first = pages(connector, "pve1")
        assert [job.successful for job in jobs(first) if job.state.finished] == [10]
        read = len(asked(cluster, "/log"))
        again = pages(connector, "pve1", state=first[-1].state)
    assert read == len(lines) // 4 + 2  # and that of the one that runs, which is read each time
    assert len(asked(cluster, "/log")) == read + 1
    assert [job.state for job in jobs(again)] == [JobState.InProgress]


def test_a_run_that_runs_has_its_plan_and_its_name_already() -> None:
    cluster = Cluster()
    lines = log(*(guest(number) for number in range(101, 131)))
    cluster.add("vzdump", "", T - 60, log=lines)
    with opened(cluster) as connector:
        (job,) = jobs(pages(connector, "pve1"))
    assert (job.state, job.plan, job.resource, job.total) == (JobState.InProgress, "vzdump to nas", "pve1", 0)
    assert job.reference.startswith("pve:pve1:101:")
    assert [one["limit"] for one in asked(cluster, "/log")] == ["50"]
    cluster.work[0].about = "101"
    cluster.work[0].log = log(guest(101)[:-1])[:-1]
    assert one_job(cluster).resource == "101 (web)"


def test_which_tasks_were_told_is_kept_for_as_long_as_they_are_listed_again() -> None:
    cluster = Cluster()
    for day in range(20):
        cluster.add("vzdump", "", T - day * DAY - 60, T - day * DAY, log=log(guest(101)))
    with opened(cluster) as connector:
        state = pages(connector, "pve1")[-1].state
    assert 2 <= len(state) <= 4
    assert all(begun >= T - 3 * DAY for begun in state.values())


def test_a_log_that_cannot_be_read_now_is_read_the_next_time() -> None:
    cluster = Cluster()
    cluster.add("vzdump", "", NIGHT, NIGHT + 60, status="job errors", log=log(guest(101)))
    cluster.busy = True
    with opened(cluster) as connector:
        found = pages(connector, "pve1")
    assert [job.comments[:7] for job in jobs(found)] == ["its log"]
    assert found[-1].state == {}


def test_a_node_that_is_down_hides_no_other() -> None:
    cluster = Cluster("pve1", "pve2")
    cluster.add("vzdump", "101", NIGHT, NIGHT + 60)
    cluster.down = {"pve2"}
    with opened(cluster) as connector:
        assert [stream.name for stream in connector.streams()] == ["pve1", "pve2", "next runs"]
        assert len(jobs(pages(connector, "pve1"))) == 1
        with pytest.raises(CannotReadError, match="tasks of pve2: Proxmox VE cannot reach that node"):
            pages(connector, "pve2")


def test_a_cluster_of_no_node_is_no_data() -> None:
    cluster = Cluster()
    cluster.nodes.clear()
    with opened(cluster) as connector, pytest.raises(CannotReadError, match="one at least must be there"):
        connector.streams()


def test_only_nodes_that_are_named_are_read_and_one_that_is_not_there_is_told() -> None:
    with opened(Cluster("pve1", "pve2"), nodes=("pve2", "pve9")) as connector:
        assert [stream.name for stream in connector.streams()] == ["pve2", "pve9", "next runs"]
        assert pages(connector, "pve2")
        with pytest.raises(CannotReadError, match="no node pve9"):
            pages(connector, "pve9")


def test_an_empty_list_for_want_of_a_right_is_no_data() -> None:
    cluster = Cluster("pve1", "pve2")
    cluster.rights = {"/nodes/pve2": {"Sys.Audit": 0}}
    cluster.add("vzdump", "101", NIGHT, NIGHT + 60)
    cluster.add("vzdump", "102", NIGHT, NIGHT + 60, node="pve2", log=log(guest(102)))
    with opened(cluster) as connector:
        assert [(one.stream, one.name, one.held) for one in connector.rights()] == [
            ("pve1", "Sys.Audit at /nodes/pve1", False),
            ("pve2", "Sys.Audit at /nodes/pve2", True),
            ("", "Sys.Audit at /", False),
        ]
        with pytest.raises(CannotReadError, match=r"access denied for Sys\.Audit at /nodes/pve1"):
            pages(connector, "pve1")
        (job,) = jobs(pages(connector, "pve2"))
    assert job.plan == "vzdump to nas"


def test_a_privilege_that_is_only_named_is_none() -> None:
    cluster = Cluster()
    cluster.rights = {"/": {"Sys.Audit": None}}
    with opened(cluster) as connector:
        assert [right.held for right in connector.rights()] == [False, False]


@pytest.mark.parametrize(("nodes", "announced"), [(["pve1"], ["all", "named"]), (["pve1", "pve2"], ["all"])])
def test_when_backup_jobs_run_next_is_told_of_those_that_run_wherever_their_guests_are(
    nodes: list[str], announced: list[str]
) -> None:
    cluster = Cluster(*nodes)
    cluster.jobs = [
        {"id": "all", "all": 1, "storage": "nas", "next-run": T + 60, "enabled": 1},
        {"id": "named", "vmid": "101", "storage": "nas", "next-run": T + 60},
        {"id": "off", "all": 1, "storage": "pbs", "next-run": T + 60, "enabled": 0},
        {"id": "by-hand", "all": 1, "storage": "tape"},
        {"id": "twin", "all": 1, "storage": "two", "next-run": T + 60},
        {"id": "other-twin", "all": 1, "storage": "two", "next-run": T + 90},
    ]
    with opened(cluster) as connector:
        (page,) = pages(connector, "next runs")
        assert [(one.plan, one.at) for one in page.next_runs] == [
            (name, NOW + 60 * ticks.PER_SECOND) for name in announced
        ]
        cluster.rights = {f"/nodes/{name}": {"Sys.Audit": 1} for name in nodes}
        assert [stream.name for stream in connector.streams()] == nodes
