"""What the processes of a server count: exact, in the right group, and not lost with a process."""

import subprocess
import sys
from bisect import bisect_left
from itertools import accumulate
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jobreport.metrics.counts import OTHER, SECONDS, SIZES, Counts
from jobreport.metrics.shares import shares

ROUTES = [("GET", "/a"), ("POST", "/a"), ("GET", "/b")]
ANOTHER = """
import sys
from pathlib import Path
from jobreport.metrics.counts import Counts
counts = Counts([("GET", "/a"), ("POST", "/a"), ("GET", "/b")], Path(sys.argv[1]))
counts.request("GET", "/b", 503, 0.25)
counts.committed(7)
print("counted", flush=True)
sys.stdin.read()
"""
REQUESTS = st.tuples(
    st.sampled_from([*ROUTES, ("PUT", "/a"), ("GET", "/c")]),
    st.sampled_from([0, 200, 404, 499, 503, 799]),
    st.floats(0, 20) | st.sampled_from(SECONDS),
)


@given(requests=st.lists(REQUESTS), commits=st.lists(st.integers(0, 30_000)))
def test_each_request_and_transaction_is_counted_in_its_group(
    requests: list[tuple[tuple[str, str], int, float]], commits: list[int]
) -> None:
    counts = Counts(ROUTES)
    for key, status, seconds in requests:
        counts.request(*key, status, seconds)
    for jobs in commits:
        counts.committed(jobs)
    totals = counts.read()
    found = {key: (statuses, spread) for key, statuses, spread in totals.requests()}
    asked = [(key if key in ROUTES else OTHER, status, seconds) for key, status, seconds in requests]
    assert found.keys() == {key for key, _, _ in asked}
    for key, (statuses, spread) in found.items():
        mine = [(status, seconds) for one, status, seconds in asked if one == key]
        assert sum(statuses.values()) == len(mine) == sum(spread.groups)
        for status in (200, 404, 499, 503):
            assert statuses.get(status, 0) == sum(one == status for one, _ in mine)
        for limit, number in zip(SECONDS, accumulate(spread.groups), strict=False):
            assert number == sum(seconds <= limit for _, seconds in mine)
        assert spread.sum == sum(round(seconds * 1_000_000) for _, seconds in mine)
    spread = totals.commits()
    assert spread.sum == sum(commits)
    expected = [0] * (len(SIZES) + 1)
    for jobs in commits:
        expected[bisect_left(SIZES, jobs)] += 1
    assert [*spread.groups] == expected


def test_processes_tell_their_sum_and_a_new_one_goes_on_where_another_ended(tmp_path: Path) -> None:
    mine = Counts(ROUTES, tmp_path)
    mine.request("GET", "/b", 200, 0.001)
    for already in (0, 1):
        with subprocess.Popen(
            [sys.executable, "-c", ANOTHER, str(tmp_path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
        ) as other:
            assert other.stdout
            assert other.stdout.readline() == b"counted\n"
            ((key, statuses, spread),) = mine.read().requests()
            assert (key, statuses) == (("GET", "/b"), {200: 1, 503: already + 1})
            assert sum(spread.groups) == already + 2
            assert mine.read().commits().sum == 7 * (already + 1)
            other.kill()
    assert len([*tmp_path.glob("*.counts")]) == 2


@given(sizes=st.dictionaries(st.integers(1, 9), st.integers(0, 50)), limit=st.integers(0, 200))
def test_a_limit_is_shared_so_that_nobody_is_hidden_by_a_larger_one(sizes: dict[int, int], limit: int) -> None:
    given_ = shares(sizes, limit)
    assert given_.keys() == sizes.keys()
    assert sum(given_.values()) == min(limit, sum(sizes.values()))
    for key, size in sizes.items():
        assert given_[key] <= size
        if given_[key] < size:
            assert given_[key] >= limit // len(sizes)
            assert given_[key] >= max(given_.values()) - 1


def test_a_process_that_serves_alone_keeps_no_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    counts = Counts(ROUTES)
    counts.request("POST", "/a", 200, 0.1)
    assert [key for key, _, _ in counts.read().requests()] == [("POST", "/a")]
    assert not [*tmp_path.iterdir()]
