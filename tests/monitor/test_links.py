"""Addresses of pages: the tenant stays named, and every job has one that browsers leave as it is."""

from urllib.parse import parse_qs, parse_qsl, unquote, urljoin, urlsplit

from hypothesis import given
from hypothesis import strategies as st

from jobreport.monitor.links import by_name, go_from, job_address, link

NAMES = st.text(st.characters(codec="utf-8", exclude_characters="\0"), min_size=1)


@given(st.lists(st.tuples(st.sampled_from(["plan", "state", "searchText"]), NAMES)))
def test_all_values_of_a_question_are_in_its_address(pairs: list[tuple[str, str]]) -> None:
    found = parse_qs(urlsplit(link("/jobs", **by_name(pairs))).query, keep_blank_values=True)
    assert found == by_name(pairs)


def test_what_is_empty_is_left_out() -> None:
    assert link("/jobs", plan="", page=None, state="Failed", pageNumber=0) == "/jobs?state=Failed&pageNumber=0"


def test_the_tenant_and_the_path_of_the_public_url_stay() -> None:
    go = go_from("/backup", "acme & co")
    assert go("/jobs", plan="a") == "/backup/jobs?tenant=acme+%26+co&plan=a"
    assert go_from("", None)("/") == "/"


@given(NAMES | st.sampled_from([".", "..", "a/../b", "./a", "a\\..\\b", "?", "#", "%2e%2e", "a/b"]))
def test_a_browser_opens_the_address_of_a_job_as_it_is(job_id: str) -> None:
    address = job_address(go_from("", "acme"), job_id)
    # As browsers do before they ask: a backslash is a slash, and encoded dots are dots.
    asked = urlsplit(urljoin("https://host/jobs?x", address.replace("\\", "/")))
    path = unquote(asked.path)
    if path == "/job":
        assert ("jobId", job_id) in parse_qsl(asked.query)
    else:
        assert path == f"/jobs/{job_id}"
        assert not {".", ".."} & {*path.replace("\\", "/").split("/")}
    assert ("tenant", "acme") in parse_qsl(asked.query)
