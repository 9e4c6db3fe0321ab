"""What holds for each captured run: wrappers change nothing, a pipe makes no success, and no locale a difference."""

import re
import shlex

import pytest
from test_tools_captures import EXPECTED, capture
from tool_runs import read

from jobreport.model.catalog import JobState

WRAPPERS = ("sudo -Hu x", "timeout -k 5 1h nice -n 10", "docker exec box", "env -i A=b chronic", "systemd-run --pipe")
# tar's warning that a file changed is like those it gives with 0: behind a pipe nothing tells them apart.
WARNED = {"tar/create_changed_rc1", "tar/create_changed_de_rc1"}
SILENT = {"borg/timeout_rc124"}


@pytest.mark.parametrize("name", EXPECTED)
def test_wrappers_change_nothing(name: str) -> None:
    run = capture(name)
    argv, said = run["argv"], (run["exit_code"], run["stdout"], run["stderr"])
    outcome = read(argv, *said)
    for wrapper in WRAPPERS:
        assert read([*wrapper.split(), *argv], *said) == outcome
    assert read(["bash", "-c", shlex.join(argv)], *said) == outcome


@pytest.mark.parametrize("name", sorted(EXPECTED.keys() - WARNED - SILENT))
def test_a_pipe_makes_no_success_of_a_failure(name: str) -> None:
    run = capture(name)
    argv = ["bash", "-c", f"{shlex.join(run['argv'])} | tee log"]
    outcome = read(argv, 0, run["stdout"], run["stderr"])
    succeeded = EXPECTED[name].state == "Successful"
    assert (outcome.state is JobState.Successful) == succeeded


IN_ENGLISH = {name: re.sub(r"_(?:de|fr|ja)_rc", "_rc", name) for name in EXPECTED}
TRANSLATED = [name for name, english in IN_ENGLISH.items() if english != name and english in EXPECTED]


@pytest.mark.parametrize("name", TRANSLATED)
def test_another_language_is_read_alike(name: str) -> None:
    here, there = EXPECTED[name], EXPECTED[IN_ENGLISH[name]]
    assert here[:5] == there[:5]  # the state and the numbers
