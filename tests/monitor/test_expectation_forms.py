"""What is expected of series, set, changed and removed in the monitor by operators, and seen there by everybody."""

import html
import re
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st
from people import Browser, signed_in

from jobreport.contract.expectation import to_expectation
from jobreport.model import ticks
from jobreport.model.expectation import Expectation, Window
from jobreport.monitor.views.expectations import document_of, values_of
from jobreport.store import open_store
from jobreport.watch import expectations
from jobs import job
from serving import Server, typed

AGE = 26 * 3600 * ticks.PER_SECOND


@pytest.fixture(scope="module")
def anna(monitored: Server) -> Browser:
    return signed_in(monitored, "anna")


def send(browser: Browser, tenant: str, what: str, **fields: str) -> tuple[int, str]:
    answer = browser.send(f"/expectations/{what}?tenant={tenant}", form="/sessions", **fields)
    return answer.status_code, html.unescape(answer.text) or answer.headers.get("location", "")


def listed(browser: Browser, tenant: str) -> str:
    found = browser.get(f"/expectations?tenant={tenant}")
    assert found.status_code == 200
    return html.unescape(found.text)


def made(server: Server, tenant: str) -> str:
    """The address of the form for the series of a tenant that fails, as its page has it."""
    now = ticks.UNIX_EPOCH + time.time_ns() // 100
    jobs = [job(f"{name}-0", plan="nightly", resource=name, startTime=now) for name in ("web-1", "web 2")]
    assert server.app(tenant).write(jobs).status_code == 200
    page = signed_in(server, "anna").get(f"/series/1?tenant={tenant}").text
    found = re.search(r'href="(/expectations/new\?[^"]*)"', page)
    assert found
    return html.unescape(found[1])


def test_an_operator_sets_changes_and_removes_one_and_a_viewer_sees_it(monitored: Server) -> None:
    olga, vera = signed_in(monitored, "olga"), signed_in(monitored, "vera")
    schedule = {"plan": "of-forms", "cron": "0 2 * * 1-5\r\n0 4 * * 6", "zone": "europe/berlin", "grace": "30m"}
    assert send(vera, "acme", "new", **schedule)[0] == 403
    assert send(olga, "acme", "new", **schedule) == (303, "/expectations?tenant=acme#e-plan-of-forms")
    seen = listed(vera, "acme")
    assert "plan=of-forms" in seen
    assert 'cron "0 2 * * 1-5", cron "0 4 * * 6", grace 30m, Europe/Berlin' in seen
    assert "/expectations/plan-of-forms/change" not in seen
    form = html.unescape(olga.get("/expectations/plan-of-forms/change?tenant=acme").text)
    assert "0 2 * * 1-5\n0 4 * * 6</textarea>" in form
    assert send(olga, "acme", "plan-of-forms/change", plan="of-forms", age="14d")[0] == 303
    assert "age 14d" in listed(vera, "acme")
    assert "cron" not in listed(vera, "acme")
    assert send(olga, "acme", "plan-of-forms/remove")[0] == 303
    assert "of-forms" not in listed(vera, "acme")
    assert send(olga, "acme", "plan-of-forms/remove")[0] == 404
    log = signed_in(monitored, "anna").get("/audit?tenant=acme").text
    assert all(word in log for word in ("expectation.set", "expectation.removed", "operator:olga"))


def test_the_pages_of_a_series_and_of_an_unscheduled_tenant_lead_there(
    monitored: Server, anna: Browser, tenant: str
) -> None:
    form = html.unescape(anna.get(made(monitored, tenant)).text)
    assert re.search(r'name="plan" value="nightly"', form)
    assert re.search(r'name="resource" value="web( 2|-1)"', form)
    overview = anna.get(f"/?tenant={tenant}").text
    assert re.search(rf'No schedule is declared[^<]*<a href="/expectations\?tenant={tenant}">', overview)
    assert "Nothing is expected but the default" in listed(anna, tenant)
    for fields in ({"plan": "nightly"}, {"resource": "web-*"}, {"plan": "nightly", "resource": "web 2"}):
        assert send(anna, tenant, "new", age="26h", **fields)[0] == 303
    seen = listed(anna, tenant)
    assert re.findall(r'Series of [^"]*">(\d)</a>', seen) == ["1", "2"]
    assert '<td data-l="series">1</td>' in seen
    links = re.findall(r'href="(/series\?[^"]*plan=[^"]*)"', seen)
    assert [anna.get(link).text.count('<a data-row href="/series/') for link in links] == [1, 2]


@pytest.mark.parametrize(
    ("field", "fields"),
    [
        ("age", {"age": "soon"}),
        ("age", {"age": "1s"}),
        ("cron", {"cron": "0 2 * *"}),
        ("calendar", {"calendar": "at noon"}),
        ("every", {"every": "4h", "cron": "0 2 * * *"}),
        ("zone", {"cron": "0 2 * * *", "zone": "Berlin/Europe"}),
        ("holidays", {"age": "26h", "holidays": "XX-YY"}),
        ("off", {"age": "26h", "off": "24.12."}),
        ("windows", {"windows": "0 22 * * 6"}),
        ("service", {"age": "26h", "service": "Tape"}),
    ],
)
def test_what_is_wrong_stands_at_its_field_and_what_was_typed_too(
    monitored: Server, anna: Browser, field: str, fields: dict[str, str]
) -> None:
    status, text = send(anna, "globex", "new", plan="wrong", **fields)
    assert status == 400
    assert re.search(rf'name="{field}"[^>]* aria-invalid="true" aria-describedby="w-{field}"', text)
    assert re.search(rf'id="w-{field}"><bdi>.+</bdi>', text)
    assert all(value in text for name, value in fields.items() if name != "service")
    assert "wrong" not in listed(anna, "globex")


def test_nothing_and_what_stands_already_are_said_above_the_fields(anna: Browser, monitored: Server) -> None:
    status, text = send(anna, "globex", "new", plan="twice")
    assert (status, "Says nothing: give an age" in text) == (400, True)
    assert send(anna, "globex", "new", plan="twice", age="26h")[0] == 303
    status, text = send(anna, "globex", "new", plan="twice", age="14d")
    assert (status, "The expectation plan-twice applies to the same series" in text) == (400, True)
    assert "age 14d" not in listed(anna, "globex")


def test_what_is_suggested_is_accepted_by_a_click_or_a_command(monitored: Server, anna: Browser, tenant: str) -> None:
    today = ticks.UNIX_EPOCH + time.time_ns() // 100 // ticks.PER_DAY * ticks.PER_DAY
    runs = [
        job(f"{plan}-{day}", plan=plan, startTime=today - day * ticks.PER_DAY + hour * ticks.PER_DAY // 24)
        for plan, hour in (("by-click", 2), ("by-command", 5))
        for day in range(1, 10)
    ]
    assert monitored.app(tenant).write(runs).status_code == 200
    form = listed(anna, tenant).partition("Accept what is suggested for plan=by-click")[0].rpartition("<form")[2]
    fields = dict(re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', form))
    assert (fields.pop("token") > "", fields["cron"]) == (True, "0 2 * * *")
    assert send(anna, tenant, "new", **fields)[0] == 303
    where = ("--tenant", tenant, "--store", monitored.store)
    assert typed("expect", "suggest", *where).stdout.startswith('plan=by-command: cron "0 5 * * *"')
    assert typed("expect", "suggest", "--accept", "plan=none", *where).returncode == 1
    assert typed("expect", "suggest", "--accept", "plan=by-command", *where).returncode == 0
    assert "Nothing" in typed("expect", "suggest", *where).stdout
    assert "Suggested" not in listed(anna, tenant)


def test_none_of_the_file_or_of_an_app_is_changed_without_being_told(
    monitored: Server, anna: Browser, tenant: str
) -> None:
    made(monitored, tenant)
    file = monitored.folder / f"{tenant}.toml"
    file.write_text(f'[[expectation]]\nname = "filed"\ntenant = "{tenant}"\nplan = "filed"\nage = "26h"\n')
    done = typed("expect", "apply", "--config", str(file), "--store", monitored.store)
    assert done.returncode == 0, done.stderr
    assert "jobreport.toml" in listed(anna, tenant)
    form = anna.get(f"/expectations/filed/change?tenant={tenant}").text
    assert "until <code>jobreport expect apply</code> runs again, the file changes" in form
    for what in ("filed/change", "filed/remove"):
        status, text = send(anna, tenant, what, plan="filed", age="14d")
        assert (status, "Say that it is to be done all the same" in text) == (400, True)
        assert "age 26h" in listed(anna, tenant)
    assert send(anna, tenant, "filed/change", plan="filed", age="14d", told="1")[0] == 303
    assert ("age 14d" in listed(anna, tenant), "jobreport.toml" in listed(anna, tenant)) == (True, False)
    assert send(anna, tenant, "filed/remove")[0] == 303
    store = open_store(monitored.store)
    expectations.put(store, tenant, Expectation(name="by-app", plan="nightly", age=AGE, by="nas-7"))
    store.close()
    form = anna.get(f"/expectations/by-app/change?tenant={tenant}").text
    assert "The app <bdi>nas-7</bdi> declared it for its own runs" in form
    assert send(anna, tenant, "by-app/remove")[0] == 400
    assert "the app nas-7" in listed(anna, tenant)
    assert send(anna, tenant, "by-app/remove", told="1")[0] == 303


def test_hostile_words_are_shown_as_they_are(monitored: Server, anna: Browser, tenant: str) -> None:
    made(monitored, tenant)
    plan = '<script>alert(1)</script>"'
    assert send(anna, tenant, "new", plan=plan, age="26h")[0] == 303
    assert "<script>alert" not in anna.get(f"/expectations?tenant={tenant}").text
    answer = anna.send(f"/expectations/new?tenant={tenant}", plan=plan, age=plan)
    assert (answer.status_code, "<script>alert" in answer.text) == (400, False)


def texts(example: str) -> st.SearchStrategy[str]:
    return st.sampled_from(["", example, f"{example}*", f"my {example}"])


LENGTHS = st.sampled_from([0, AGE, 90 * 60 * ticks.PER_SECOND, 14 * ticks.PER_DAY])
BEGINS = ticks.from_iso("2026-12-24T18:00:00Z")
WINDOWS = st.sampled_from([Window(begins=BEGINS, ends=BEGINS + AGE), Window(cron="0 22 * * 6", length=AGE)])


@given(
    st.builds(
        Expectation,
        name=st.just("one"),
        service=st.sampled_from([0, 1]),
        plan=texts("plan"),
        resource=texts("web"),
        age=LENGTHS,
        cron=st.lists(st.sampled_from(["0 2 * * *", "*/5 1,2 * * 1-5"]), unique=True).map(tuple),
        calendar=st.lists(st.sampled_from(["Mon..Fri 02:00", "*-*-01 03:00"]), unique=True).map(tuple),
        zone=st.sampled_from(["", "Europe/Berlin"]),
        grace=LENGTHS,
        longest=LENGTHS,
        holidays=st.sampled_from([(), ("DE-BY",), ("AT", "DE")]),
        days_off=st.sampled_from([(), ("2026-12-24", "2026-12-31")]),
        windows=st.lists(WINDOWS, max_size=2, unique=True).map(tuple),
    )
)
def test_the_form_says_what_the_expectation_says(one: Expectation) -> None:
    again = to_expectation(document_of(values_of(one), one.name))
    assert again == one
    assert expectations.says(again) == expectations.says(one)
