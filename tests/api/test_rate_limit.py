"""A limit of an app's requests where the operator sets one: 429, when to come again, and what is left."""

from collections.abc import Iterator

import pytest

from jobreport.server.problem import ProblemError
from jobreport.server.rate_limit import ALL_PINGS, KEY_PINGS, PingLimits, RateLimit, Rates
from serving import WRITE_OWN, Server, command, serve


@pytest.fixture(scope="module")
def limited(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with serve(tmp_path_factory.mktemp("limited"), "--rate-limit", "20/hour") as running:
        yield running


def test_an_app_is_answered_so_often_and_another_is_not_affected(limited: Server) -> None:
    app, other = limited.app("rate"), limited.app("rate")
    answers = [app.report() for _ in range(22)]
    assert [answer.status_code for answer in answers] == [200] * 20 + [429] * 2
    assert answers[0].headers["ratelimit-policy"] == '"app";q=20;w=3600'
    assert answers[0].headers["ratelimit"].startswith('"app";r=19;t=')
    refused = answers[-1]
    assert 1 <= int(refused.headers["retry-after"]) <= 180
    assert refused.headers["ratelimit"].startswith('"app";r=0;t=')
    assert refused.headers["content-type"] == "application/problem+json"
    assert refused.json()["status"] == 429
    assert other.report().status_code == 200
    assert limited.http.get("/healthz").status_code == 200


def test_requests_that_an_app_may_not_make_count_too(limited: Server) -> None:
    runner, customer = limited.app("rate", WRITE_OWN), limited.app("rate")
    assert [runner.report().status_code for _ in range(22)] == [403] * 20 + [429] * 2
    foreign = [customer.report(Jobreport_Tenant="elsewhere") for _ in range(22)]
    assert [answer.status_code for answer in foreign] == [403] * 20 + [429] * 2
    assert foreign[0].headers["ratelimit"].startswith('"app";r=19;t=')


def test_without_the_option_there_is_no_limit_and_no_word_of_one(server: Server) -> None:
    answer = server.app("rate").report()
    assert "ratelimit" not in answer.headers


@pytest.mark.parametrize("rate", ["", "0/minute", "10", "10/day", "ten/minute", "-1/minute", "10 / minute"])
def test_rate_that_is_none_is_said(rate: str) -> None:
    done = command("serve", "--rate-limit", rate)
    assert done.returncode == 2
    assert "600/minute" in done.stderr


def test_requests_come_back_one_by_one_as_time_goes_by() -> None:
    now = [100.0]
    rates = Rates(RateLimit(10, 60), lambda: now[0])
    for left in range(9, -1, -1):
        assert rates.take("a")["RateLimit"].startswith(f'"app";r={left};')
    for _ in range(3):
        with pytest.raises(ProblemError) as raised:
            rates.take("a")
        assert raised.value.headers
        assert raised.value.headers["Retry-After"] == "6"
    rates.take("b")
    now[0] += 6
    rates.take("a")
    with pytest.raises(ProblemError):
        rates.take("a")
    now[0] += 60
    assert rates.take("a")["RateLimit"].startswith('"app";r=9;')


def test_strangers_do_not_use_up_what_all_addresses_take_together() -> None:
    limits = PingLimits(RateLimit(1, 3600))
    for number in range(3 * ALL_PINGS):
        limits.take(f"unknown {number}")
        limits.not_taken()
    for number in range(ALL_PINGS):
        limits.take(f"known {number}")
    with pytest.raises(ProblemError, match="All addresses together take 200 requests in 3600 seconds"):
        limits.take("one more")
    with pytest.raises(ProblemError, match="This address takes 1 request in 3600 seconds"):
        limits.take("known 1")


def test_a_ping_key_is_limited_however_many_slugs_are_below_it() -> None:
    limits = PingLimits(RateLimit(1, 3600))
    for number in range(KEY_PINGS):
        limits.take(f"slug {number}", "key")
    with pytest.raises(ProblemError, match="All addresses below this ping key take 20 requests in 3600 seconds"):
        limits.take("one more", "key")
    limits.take("one more", "another key")


def test_what_all_together_refuse_is_not_counted_to_its_address() -> None:
    now = [0.0]
    limits = PingLimits(RateLimit(1, 3600), lambda: now[0])
    for number in range(ALL_PINGS):
        limits.take(f"known {number}")
    with pytest.raises(ProblemError, match="All addresses together"):
        limits.take("one more")
    now[0] += 3600 / ALL_PINGS
    limits.take("one more")


@pytest.mark.parametrize(
    ("limit", "said"),
    [((5, 1), "5 requests in 1 second."), ((1, 60), "1 request in 60 seconds."), ((1, 1), "1 request in 1 second.")],
)
def test_what_is_said_of_a_limit_minds_one_and_many(limit: tuple[int, int], said: str) -> None:
    rates = Rates(RateLimit(*limit), lambda: 0.0)
    for _ in range(limit[0]):
        rates.take("a")
    with pytest.raises(ProblemError) as raised:
        rates.take("a")
    assert raised.value.detail == f"This app may send {said}"
