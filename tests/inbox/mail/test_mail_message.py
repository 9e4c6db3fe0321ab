"""What is read of a mail: its headers, its text, its attachments, in whatever charset and form they come."""

import base64
from email.message import EmailMessage

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jobreport.inbox.mail.message import MOST_BYTES, MOST_LINES, MOST_TEXT, MailError, parse
from jobreport.model import ticks

PLAIN = (
    b"From: Backup <NAS@Example.test>\r\nTo: one@jobs.test, Two <two@jobs.test>\r\nCc: three@jobs.test\r\n"
    b"Subject: =?utf-8?b?%s?=\r\nDate: Mon, 23 Nov 2026 02:13:00 +0100\r\nMessage-ID: <a1@nas>\r\n"
    b"X-Kind: first\r\nX-Kind: second\r\n\r\nAll done.\r\nBye.\r\n"
) % base64.b64encode("Sicherung für nas-2 läuft".encode())


def test_a_mail_is_read() -> None:
    mail = parse(PLAIN)
    assert mail.sender == "nas@example.test"
    assert mail.subject == "Sicherung für nas-2 läuft"
    assert mail.date == ticks.from_iso("2026-11-23T01:13:00Z")
    assert mail.message_id == "a1@nas"
    assert mail.text == "All done.\nBye."
    assert mail.headers["x-kind"] == "first"
    assert mail.attachments == ()


@pytest.mark.parametrize(
    ("subject", "read"),
    [
        (b"=?iso-8859-1?q?F=FCr?= =?iso-8859-1?q?_alle?=", "Für alle"),
        ("Für alle".encode(), "Für alle"),
        ("Für alle".encode("latin-1"), "Für alle"),
        (b"=?no-such?q?abc?=", "abc"),
        (b"=?utf-8?b?A?= rest", "=?utf-8?b?A?= rest"),
        (b"one\r\n two\r\n\tthree", "one two three"),
        (b"a=?utf-8?q?_b=0Ac?=\x00\x1b[31m", "a b c[31m"),
        ("a\u202eb\u200b\xa0c".encode(), "ab c"),
        (b"", ""),
    ],
)
def test_a_subject_is_read_as_people_do(subject: bytes, read: str) -> None:
    assert parse(b"Subject: " + subject + b"\r\n\r\nx").subject == read


@pytest.mark.parametrize(
    ("charset", "body"),
    [
        ("utf-8", "Größe".encode()),
        ("us-ascii", "Größe".encode()),
        ("iso-8859-1", "Größe".encode()),
        ("iso-8859-1", "Größe".encode("latin-1")),
        ("utf-8", "Größe".encode("cp1252")),
        ("no-such", "Größe".encode()),
        ("zip", "Größe".encode()),
        ("punycode", "Größe".encode()),
        ("utf-16", "Größe".encode("utf-16")),
        ("x" * 5000, "Größe".encode()),
    ],
)
def test_a_wrong_charset_is_borne(charset: str, body: bytes) -> None:
    assert parse(b"Subject: x\r\nContent-Type: text/plain; charset=" + charset.encode() + b"\r\n\r\n" + body).text == (
        "Größe"
    )


def several(*, plain: str, html: str) -> EmailMessage:
    message = EmailMessage()
    message["Subject"] = "x"
    message.set_content(plain)
    message.add_alternative(html, subtype="html")
    return message


def test_the_form_that_says_more_is_read() -> None:
    note = several(plain="Your reader shows no HTML.", html="<p>one two three four</p>" * 5)
    assert parse(note.as_bytes()).text == "\n".join(["one two three four"] * 5)
    same = several(plain="vm1: Success", html="<table><tr><td>vm1<td>Success</table>")
    assert parse(same.as_bytes()).text == "vm1: Success"


def test_attachments_have_names_without_folders_and_are_no_text_of_the_mail() -> None:
    message = several(plain="hello", html="<b>hello</b>")
    message.add_attachment("a\nb\n", filename="../../etc/job.log")
    message.add_attachment(b"\0\1", maintype="image", subtype="png", filename="..\\..\\x.png")
    message.add_attachment(b'{"a": 1}', maintype="application", subtype="json", filename="größe.json")
    message.add_attachment(b"<p>x<p>y", maintype="application", subtype="octet-stream", filename="report.html")
    message.add_attachment(b"", maintype="application", subtype="octet-stream", filename="..")
    mail = parse(message.as_bytes())
    assert mail.text == "hello"
    assert mail.attachments == ("job.log", "x.png", "größe.json", "report.html", "")


def test_a_mail_in_a_mail_is_text_too() -> None:
    inner = EmailMessage()
    inner["Subject"] = "inner"
    inner.set_content("deep words")
    outer = EmailMessage()
    outer["Subject"] = "Fwd"
    outer.set_content("see below")
    outer.add_attachment(inner)
    assert parse(outer.as_bytes()).text == "see below\n\ndeep words"


@pytest.mark.parametrize("header", [b"Date", b"From", b"To", b"Message-ID", b"Content-Type", b"Content-Disposition"])
@pytest.mark.parametrize("value", [b"(" * 5000, b"<" * 5000, b'"', b";=;" * 3000, b"\xff\x00", b"", b"name*9999999=x"])
def test_no_header_stops_the_reading(header: bytes, value: bytes) -> None:
    mail = parse(b"Subject: s\r\n" + header + b": " + value + b"\r\n\r\nhello")
    assert mail.subject == "s"
    assert mail.date == 0


@pytest.mark.parametrize(
    ("date", "found"),
    [
        ("Mon, 23 Nov 2026 01:13:00 -0000", "2026-11-23T01:13:00Z"),
        ("23 Nov 2026 01:13:00 GMT", "2026-11-23T01:13:00Z"),
        ("yesterday", ""),
        ("Mon, 23 Nov 1926 01:13:00 +0000", ""),
        ("Mon, 23 Nov 99999 01:13:00 +0000", ""),
        ("Mon, 23 Nov 2026 25:61:61 +9999", ""),
    ],
)
def test_a_date_that_cannot_be_is_none(date: str, found: str) -> None:
    assert parse(f"Subject: s\r\nDate: {date}\r\n\r\n".encode()).date == (ticks.from_iso(found) if found else 0)


def multipart(parts: int) -> bytes:
    part = b"--x\r\nContent-Type: text/plain\r\n\r\nhello\r\n"
    return b"Subject: s\r\nContent-Type: multipart/mixed; boundary=x\r\n\r\n" + part * parts + b"--x--\r\n"


def nested(depth: int, kind: bytes = b"multipart/mixed; boundary=b%d\r\n\r\n--b%d\r\n") -> bytes:
    numbers = kind.count(b"%d")
    return (
        b"Subject: s\r\n" + b"".join(b"Content-Type: " + kind % ((n,) * numbers) for n in range(depth)) + b"\r\nhello"
    )


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (multipart(10_000), "more than 50 parts"),
        (nested(1_000), "more than 50 parts"),
        (nested(1_000, b"message/rfc822\r\n\r\n"), "more than 50 parts"),
        (b"Subject: s\r\n\r\n" + b"x" * MOST_BYTES, "bytes"),
        (b"Subject: s\r\n\r\n" + b"\r" * MOST_LINES + b"\n\n", "lines"),
        (b"Subject: s\r\n\r\n" + b"x" * (MOST_TEXT + 1), "characters"),
        (b"Subject: s\r\nContent-Type: text/html\r\n\r\n" + b"<div>" * 100_000, "HTML"),
        (b"Subject: s\r\nContent-Type: text/plain; charset*=a\0b''x\r\n\r\nhello", "a part of the mail"),
        (b"Subject: s\r\nContent-Type: multipart/mixed; boundary*=idna''%ff\r\n\r\nhello", "a part of the mail"),
        (b"", "no mail"),
        (b"\r\nhello", "no mail"),
        (b"\x16\x03\x01\x02", "no mail"),
    ],
)
def test_what_is_beyond_a_limit_is_refused_with_words(data: bytes, said: str) -> None:
    with pytest.raises(MailError, match=said):
        parse(data)


def test_what_is_within_the_limits_is_read() -> None:
    assert parse(multipart(45)).text.count("hello") == 45
    assert parse(nested(45)).text == "hello"


PIECES = st.sampled_from(
    [
        b"Subject: ",
        b"=?utf-8?q?=C3?=",
        b"\r\n",
        b"\r\n\r\n",
        b"--x",
        b"--x--",
        b"Content-Type: multipart/mixed; boundary=x\r\n",
        b"Content-Type: multipart/alternative; boundary=x\r\n",
        b"Content-Type: text/html; charset=utf-16\r\n",
        b"Content-Type: message/rfc822\r\n",
        b"Content-Transfer-Encoding: base64\r\n",
        b"Content-Transfer-Encoding: x-uuencode\r\n",
        b"Content-Disposition: attachment; filename*0*=''%ff; filename*2=a\r\n",
        b"begin 666 x\r\n",
        b"<table><tr><td>",
        b"</td></table><pre>",
        b"\0",
        b"\xff",
        b"From: (",
        b"Date: 1 Jan 0 0:0:0 +99999\r\n",
    ]
)


@given(st.lists(PIECES | st.binary(max_size=20), max_size=30))
def test_whatever_comes_is_a_mail_or_a_mail_error(pieces: list[bytes]) -> None:
    try:
        mail = parse(b"".join(pieces))
    except MailError as error:
        said = str(error)
    else:
        said = f"mail {mail.sender} {mail.subject} {mail.text} {mail.attachments}"
    assert "mail" in said
    assert "\0" not in said
    said.encode()  # no half of a character, which no store would take
