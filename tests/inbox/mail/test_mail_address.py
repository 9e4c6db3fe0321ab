"""For whom a mail is: what stands before the @, or behind a + there."""

import pytest

from jobreport.inbox.mail import address, taking
from jobreport.inbox.mail.networks import Network, may_send, network_of, parse_network, parse_sender
from jobreport.inbox.pings.ping import Target

UUID = "123e4567-e89b-12d3-a456-426614174000"
KEY = "Ab3_-Ab3_-Ab3_-Ab3_-xy"


@pytest.mark.parametrize(
    ("recipient", "target", "slug"),
    [
        (f"{UUID}@x.test", Target(UUID), UUID),
        (f"<{UUID.upper()}@x.test>", Target(UUID), UUID),
        (UUID.replace("-", ""), Target(UUID), UUID.replace("-", "")),
        (f"backup+{UUID}@x.test", Target(UUID), UUID),
        (f"{KEY}.nas-2@x.test", Target(KEY, "nas-2"), ""),
        (f"a+b+{KEY}.NAS-2@x.test", Target(KEY, "nas-2"), ""),
        ("nas-2@x.test", None, "nas-2"),
        ("Backup+Nas-2@x.test", None, "nas-2"),
        ('"nas-2"@x.test', None, "nas-2"),
        ("short.nas-2@x.test", None, ""),
        ("größe@x.test", None, ""),
        ("@x.test", None, ""),
        ("", None, ""),
        (f"{UUID}0@x.test", None, f"{UUID}0"),
    ],
)
def test_an_address_names_an_inbox(recipient: str, target: Target | None, slug: str) -> None:
    assert address.target(recipient) == target
    assert address.slug(recipient) == slug


def test_what_is_kept_has_no_secret() -> None:
    said = f"To: {UUID.upper()}@x\r\nCc: {KEY}.nas-2@x\r\n".encode()
    assert address.without_secrets(said, [f"{UUID}@x"]) == f"To: ***@x\r\nCc: {KEY}.nas-2@x\r\n".encode()
    alone = address.without_secrets(said, [f"a+{KEY}.nas-2@x"])
    assert alone == f"To: {UUID.upper()}@x\r\nCc: ***.nas-2@x\r\n".encode()
    both = address.without_secrets(said, [f"{UUID.replace('-', '')}@x", f"{KEY}.nas-2@x"])
    assert both == b"To: ***@x\r\nCc: ***.nas-2@x\r\n", "with other dashes, and of each inbox"
    assert address.without_secrets(said, ["nas-2@x"]) == said


NETWORKS = (
    Network("10.0.0.0/8", "a"),
    Network("10.1.0.0/16", "b"),
    Network("fd00::/8"),
    Network("192.168.7.9/32", "c"),
)


@pytest.mark.parametrize(
    ("peer", "found"),
    [
        ("10.2.3.4", "a"),
        ("10.1.3.4", "b"),
        ("::ffff:10.1.3.4", "b"),
        ("192.168.7.9", "c"),
        ("fd00::1%eth0", ""),
        ("192.168.7.10", None),
        ("fe80::1", None),
        ("", None),
        ("host", None),
    ],
)
def test_a_peer_lies_in_the_narrowest_network(peer: str, found: str | None) -> None:
    network = network_of(peer, NETWORKS)
    assert (network.tenant if network else None) == found


def test_networks_and_senders_are_read_or_refused_with_words() -> None:
    assert parse_network(" 10.0.0.0/8=acme ") == Network("10.0.0.0/8", "acme")
    assert parse_network("10.0.0.1") == Network("10.0.0.1/32")
    assert parse_sender(" NAS@Example.test") == "nas@example.test"
    for wrong in ("10.0.0.1/8", "acme", "=acme", "10.0.0.0/33"):
        with pytest.raises(ValueError, match="no network such as"):
            parse_network(wrong)
    for wrong in ("", "nas", "nas@", "a b@c"):
        with pytest.raises(ValueError, match="no sender such as"):
            parse_sender(wrong)
    assert may_send("Any@ACME.test", ("@acme.test",))
    assert not may_send("any@x.acme.test", ("@acme.test",))


def test_what_is_kept_has_no_environment_of_a_cron_job() -> None:
    said = (
        b"Subject: Cron\r\nX-Cron-Env: <PASSWORD=abc\r\n def>\r\nX-CRON-ENV: <A=b>\r\nTo: x\r\n\r\nX-Cron-Env: told\r\n"
    )
    assert taking.without_environment(said) == b"Subject: Cron\r\nTo: x\r\n\r\nX-Cron-Env: told\r\n"
    unix = said.replace(b"\r\n", b"\n")
    assert taking.without_environment(unix) == b"Subject: Cron\nTo: x\n\nX-Cron-Env: told\n"
    assert taking.without_environment(b"X-Cron-Env: <A=b>\n") == b""
