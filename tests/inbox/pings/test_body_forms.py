"""Bodies in whatever form they come: compressed, in another Unicode, with colours; and how tools tell of failure."""

import gzip
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jobreport.inbox.pings import decoding
from jobreport.inbox.pings.body import Body, BodyReader
from jobreport.inbox.pings.outcome import outcome_of
from jobreport.inbox.pings.ping import Ping
from jobreport.model.catalog import JobState
from jobreport.model.ping import Signal
from jobreport.runner.tools.base import Outcome

RESTIC = (
    "Files:           3 new,     0 changed,     0 unmodified\n\nprocessed 3 files, 87.891 KiB in 0:00\n"
    "snapshot 9d108e5b saved\nfür alle gesichert\n"
)


def body_of(content: bytes, size: int = 1000) -> Body:
    reader = BodyReader()
    for first in range(0, len(content), size):
        reader.feed(content[first : first + size])
    return reader.end()


def told(content: bytes | str) -> Outcome:
    body = body_of(content.encode() if isinstance(content, str) else content)
    return outcome_of(Ping(signal=Signal.SUCCESS), body, "POST")


@pytest.mark.parametrize("size", [1, 3, 1000])
@pytest.mark.parametrize(
    "content",
    [
        RESTIC.encode("utf-16"),
        b"\xfe\xff" + RESTIC.encode("utf-16-be"),
        RESTIC.encode("utf-32"),
        RESTIC.encode("utf-8-sig"),
        gzip.compress(RESTIC.encode()),
        gzip.compress(RESTIC[:30].encode()) + gzip.compress(RESTIC[30:].encode()) + b"\0" * 9,
        gzip.compress(RESTIC.encode("utf-16")),
    ],
)
def test_a_body_is_read_in_whatever_form_it_comes(content: bytes, size: int) -> None:
    found = body_of(content, size)
    assert (found.text, found.tools, found.cut) == (RESTIC, "restic", False)
    assert told(content).counts.successful == 3


def test_text_of_two_bytes_a_character_without_a_mark_is_legible() -> None:
    assert "snapshot 9d108e5b saved" in body_of(RESTIC.encode("utf-16-le")).text


@pytest.mark.parametrize("content", [b"", b"\x1f", b"\x1f\x8b", b"\xff", b"\xef\xbb", b"x", b"\xff\xfea"])
def test_a_body_that_only_begins_so_is_kept(content: bytes) -> None:
    assert told(content).state is JobState.Successful


def test_what_is_compressed_and_broken_proves_no_success(monkeypatch: pytest.MonkeyPatch) -> None:
    whole = gzip.compress(RESTIC.encode() * 50)
    damaged = whole[:-20] + b"\0" * 9 + whole[-11:]
    for content in (whole[:-9], damaged):
        found = told(content)
        assert found.state is JobState.Exception
    assert "could not be read to its end" in told(whole[:-1]).comments
    monkeypatch.setattr(decoding, "MOST_DECODED", 1000)
    assert body_of(gzip.compress(b"x\n" * 99_000)).cut


def test_what_unpacks_to_very_much_takes_little_memory() -> None:
    packer = zlib.compressobj(9, zlib.DEFLATED, zlib.MAX_WBITS | 16)
    content = packer.compress(b"z" * 8_000_000) + packer.flush()
    assert len(content) < 20_000
    assert len(body_of(content).text) <= 60_100


@given(st.binary(max_size=60), st.integers(1, 7))
def test_however_a_body_is_cut_into_pieces_it_is_the_same(content: bytes, size: int) -> None:
    for start in (b"", decoding.GZIP, b"\xff\xfe", b"\xef\xbb\xbf"):
        assert body_of(start + content, size).text == body_of(start + content).text


def test_colours_hide_no_tool_and_no_error() -> None:
    red, plain = "\x1b[31m", "\x1b[0m"
    found = told(f"2026/11/29 18:00:00 {red}ERROR{plain} : a.txt: Failed to copy: permission denied\n")
    assert found.state in {JobState.Failed, JobState.Exception}
    assert told(f"\x1b]0;title\x07{red}Fatal: {plain}wrong password or no key found").state is JobState.Failed
    assert body_of(f"{red}snapshot{plain} 9d108e5b saved\n".encode()).tools == "restic"


@pytest.mark.parametrize(
    "line",
    [
        # The words of restic's commands and repositories.
        "Fatal: all source directories/files do not exist",
        "Fatal: nothing to backup, please specify source files/dirs",
        "Fatal: unable to save snapshot: context canceled",
        "Fatal: Please specify repository location (-r or --repository-file)",
        "Fatal: Resolving password failed: exec: pass: not found",
        "Fatal: /etc/restic.pw does not exist",
        "Fatal: an empty password is not allowed by default.",
        "repository is already locked exclusively by PID 1234 on nas by root (UID 0, GID 0)",
        "unable to create lock in backend: repository is already locked by PID 7 on nas by root (UID 0, GID 0)",
        "signal terminated received, cleaning up",
        # Those of rsync, from whatever place it was built at.
        "rsync error: error in rsync protocol data stream (code 12) at /usr/src/rsync-3.1.0/io.c(226) [sender=3.1.0]",
        "rsync error: syntax or usage error (code 1)",
        "rsync: connection unexpectedly closed (0 bytes received so far) [sender]",
        "rsync: failed to connect to nas (10.0.0.9): Connection refused (111)",
        "rsync: getaddrinfo: nas 873: Name or service not known",
        "rsync: --nosuch: unknown option",
        "rsync: [sender] read error: Connection reset by peer (104)",
        'rsync: write failed on "/mnt/a": No space left on device (28)',
        "[sender] io timeout after 30 seconds -- exiting",
        "@ERROR: auth failed on module backup",
        "IO error encountered -- skipping file deletion",
        'file has vanished: "/srv/a"',
    ],
)
def test_a_success_with_the_words_of_a_tool_that_failed_is_none(line: str) -> None:
    found = told(f"nightly\n{line}\n")
    assert found.state in {JobState.Failed, JobState.Exception}
    assert line[:25] in found.comments


@pytest.mark.parametrize("line", ["rsync: finished", "Fatal: 0", "repository is fine", "errors: none, fatal: none"])
def test_words_that_anybody_may_print_are_no_tools(line: str) -> None:
    assert told(line).state is JobState.Successful
