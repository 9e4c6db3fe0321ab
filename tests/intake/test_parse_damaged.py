"""Files with one fault: it costs the lines that have it, and no other; what a file is that cannot be read is said."""

import codecs
import csv
import gzip
import io
import json
import tracemalloc
from collections.abc import Callable

import pytest
import zstandard
from hypothesis import given, settings
from hypothesis import strategies as st

from jobreport.intake.parse import Line, parse
from jobreport.intake.source import Source, UnreadableInputError
from jobreport.intake.unpacked import MAX_WINDOW
from jobs import job
from strategies import NOW

HEAD = "jobId,serviceType,jobType,state,startTime,finishTime,comments\n"
TIMES = "2026-11-23T08:00Z,2026-11-23T08:01Z"


def read(data: bytes | str) -> list[Line]:
    return list(parse(Source(io.BytesIO(data.encode() if isinstance(data, str) else data)), NOW))


def row(number: int, comments: str = "") -> str:
    return f"FB{number},VM,Backup,Successful,{TIMES},{comments}\n"


def as_line(job_id: str) -> bytes:
    return json.dumps(job(job_id)).encode() + b"\n"


def read_ids(found: list[Line]) -> list[str]:
    return [line.job.job_id for line in found if line.job]


def refused_lines(found: list[Line]) -> list[int]:
    return [number for line in found if line.faults for number in range(line.number, line.last + 1)]


@pytest.mark.parametrize(
    "stray",
    ['"opened', '"opened and "closed', 'x",y', '"', '"""', '"a""', '"a" b'],
)
@pytest.mark.parametrize("at", [0, 2999, 5999])
def test_stray_quote_costs_the_line_that_has_it(stray: str, at: int) -> None:
    rows = [row(number, stray if number == at else "") for number in range(6000)]
    assert len("".join(rows[3000:])) > csv.field_size_limit()
    found = read(HEAD + "".join(rows))
    assert refused_lines(found) == [at + 2]
    assert len(read_ids(found)) == 5999


def test_two_stray_quotes_around_thousands_of_jobs_cost_the_first_line_alone() -> None:
    rows = [row(number, {10: '"opened', 9000: 'closed"'}.get(number, "")) for number in range(10_000)]
    found = read(HEAD + "".join(rows))
    assert refused_lines(found) == [12]
    assert len(read_ids(found)) == 9_999
    assert "a quote that is not closed" in next(line for line in found if line.faults).faults[0].message


def test_job_whose_text_holds_what_would_be_a_job_is_read_as_it_is_written_and_doubted() -> None:
    text = f"before\n{row(8).strip()}"
    (one, two) = read(HEAD + row(7, f'"{text}"') + row(9))
    assert one.job
    assert (one.job.job_id, one.job.comments, one.number, one.last) == ("FB7", text, 2, 3)
    assert one.doubt == "line 3 would be a job of its own: is a quote left open in line 2?"
    assert (two.job and two.job.job_id, two.doubt) == ("FB9", "")


def test_line_of_a_text_that_makes_no_record_by_itself_is_no_error() -> None:
    text = "before\n" + ",".join(f"{part}\r!" for part in row(8).split(","))
    (one,) = read(HEAD + row(7, f'"{text}"'))
    assert one.job
    assert (one.job.comments, one.doubt) == (text, "")


def test_too_long_a_text_of_many_lines_is_one_fault_with_all_its_lines() -> None:
    (one, two) = read(HEAD + row(1, '"' + "an error\n" * 600 + '"') + row(2))
    assert (one.number, one.last, [fault.field for fault in one.faults]) == (2, 602, ["comments"])
    assert read_ids([two]) == ["FB2"]


def test_line_of_json_in_another_encoding_or_cut_off_says_so_by_its_own_number() -> None:
    line = json.dumps(job("FB1", comments="größe"), ensure_ascii=False).encode("cp1252") + b"\n"
    first, second, third = read(as_line("FB0") + line + b"{\n")
    assert not first.faults
    assert second.faults[0].message.startswith("it is not UTF-8 (byte 0xf6 in line 2), perhaps Windows-1252")
    assert third.faults[0].message.endswith("at character 2")


class Dripping(io.RawIOBase):
    """A slow pipe, which gives a byte at a time."""

    def __init__(self, data: bytes) -> None:
        self._data = io.BytesIO(data)

    def readable(self) -> bool:
        return True

    def read(self, size: int = -1) -> bytes:
        return self._data.read(1)


TWO_JOBS = [as_line("FB1") + as_line("FB2"), (HEAD + row(1) + row(2)).encode()]
ENCODED: dict[str, Callable[[bytes], bytes]] = {
    "plain": bytes,
    "mark": codecs.BOM_UTF8.__add__,
    "blank lines": b"\n \n".__add__,
    "UTF-16": lambda data: data.decode().encode("utf-16"),
    "gzip": gzip.compress,
    "zstd": zstandard.ZstdCompressor().compress,
}


@pytest.mark.parametrize("encoded", ENCODED.values(), ids=ENCODED)
@pytest.mark.parametrize(
    "data", [as_line("FB1") + as_line("FB2"), (HEAD + row(1) + row(2)).encode()], ids=["json", "csv"]
)
def test_pipe_whose_first_piece_is_short_is_read_like_a_file(data: bytes, encoded: Callable[[bytes], bytes]) -> None:
    found = list(parse(Source(Dripping(encoded(data))), NOW))  # a pipe that is not buffered
    assert read_ids(found) == ["FB1", "FB2"]
    assert [line.number for line in found] == [line.number for line in read(encoded(data))]


@pytest.mark.parametrize("end", [b"", b"\r", b"\n", b"\r\n"], ids=["none", "CR", "LF", "CRLF"])
@pytest.mark.parametrize(
    "data", [as_line("FB1") + as_line("FB2"), (HEAD + row(1) + row(2)).encode()], ids=["json", "csv"]
)
def test_lines_that_end_with_cr_alone_are_named_as_such(data: bytes, end: bytes) -> None:
    with pytest.raises(UnreadableInputError, match="its lines end with carriage returns alone"):
        read(data.strip().replace(b"\n", b"\r") + end)


def test_json_may_have_a_carriage_return_where_a_blank_may_be() -> None:
    assert read_ids(read(as_line("FB1").replace(b", ", b",\r") + as_line("FB2"))) == ["FB1", "FB2"]


@settings(max_examples=200)
@given(st.lists(st.sampled_from(['"', '""', ",", "\n", "\r\n", "a", ";", "é", "FB1,VM,Backup,4"]), max_size=40))
def test_whatever_a_csv_holds_each_line_is_read_or_refused(parts: list[str]) -> None:
    text = "".join(parts)
    covered: list[int] = []
    for line in read(HEAD + text):
        covered += range(line.number, line.last + 1)
    assert covered == sorted(set(covered)), "no line is told twice"
    wanted = [number for number, line in enumerate(text.split("\n"), 2) if line.strip("\r")]
    assert not set(wanted) - set(covered), "no line is passed over in silence"


@settings(max_examples=100)
@given(st.data())
def test_quotes_in_any_one_line_cost_no_other_job(data: st.DataObject) -> None:
    rows = [row(number, data.draw(st.sampled_from(["", "x", '"a ""b"" c"', '"two\nlines"']))) for number in range(6)]
    at = data.draw(st.integers(0, 5))
    broken = row(at, data.draw(st.sampled_from(['"x', 'x"y"', '"x" y', '"x"" y'])))
    found = read_ids(read(HEAD + "".join([*rows[:at], broken, *rows[at + 1 :]])))
    assert set(found) >= {f"FB{number}" for number in range(6)} - {f"FB{at}"}


def test_many_lines_with_stray_quotes_come_to_an_end() -> None:
    # Long ones: how much is read again is limited in bytes, and a few long lines have as many as a million short ones.
    with pytest.raises(UnreadableInputError, match="too many quotes are not closed"):
        read(HEAD + f'{"a" * 2000}","\n' * 2000)


# What a file looks like


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be"])
@pytest.mark.parametrize("form", ["csv", "ndjson"])
def test_utf_16_with_its_mark_is_read(encoding: str, form: str) -> None:
    jobs = [{**job(f"FB{number}"), "comments": "größer 🙂"} for number in range(4000)]
    text = "".join(f"{json.dumps(one, ensure_ascii=False)}\n" for one in jobs)
    if form == "csv":
        text = HEAD + "".join(row(number, "größer 🙂") for number in range(4000))
    mark = {"utf-16": b"", "utf-16-le": codecs.BOM_UTF16_LE, "utf-16-be": codecs.BOM_UTF16_BE}[encoding]
    found = read(mark + text.encode(encoding))
    assert len(found) == 4000
    assert {line.job.comments for line in found if line.job} == {"größer 🙂"}


@pytest.mark.parametrize(
    ("data", "words"),
    [
        ((HEAD + row(1)).encode("utf-16-le"), "looks like UTF-16 without a byte order mark"),
        ((HEAD + row(1)).encode("utf-32"), "UTF-32"),
        (b"\xff\xfe" + (HEAD + row(1)).encode("utf-16-le") + b"\x00", "UTF-16 is damaged"),
        ((HEAD + row(1)).replace("\n", "\r").encode(), r"carriage returns alone \(CR\)"),
        (b"\r".join(json.dumps(job(f"FB{number}")).encode() for number in range(3)), r"carriage returns alone \(CR\)"),
        ("jobId,größe\n1,2\n".encode("cp1252"), r"not UTF-8 \(byte 0xf6 in line 1\), perhaps Windows-1252"),
        (b"jobId," + b"x" * 131_072 + b"\n1,2\n", "of more than 16,384 bytes, is no JSON and no CSV header"),
        (b'jobId,"state\n1,2\n', "a quote is wrong"),
        (b"PK\x03\x04 and so on", "no Excel workbook"),
        (b"PAR1 and so on", "Parquet"),
        (b"%PDF-1.7 and so on", "PDF.*lines of JSON.*CSV.*xlsx.*Parquet"),
        (b"SQLite format 3\x00 and so on", "jobreport restore"),
        (b"\xfd7zXZ\x00 and so on", "xz"),
    ],
)
def test_file_that_cannot_be_read_is_told_by_what_it_looks_like(data: bytes, words: str) -> None:
    with pytest.raises(UnreadableInputError, match=words):
        read(data)


@pytest.mark.parametrize("form", ["csv", "ndjson"])
def test_lines_in_windows_1252_are_refused_and_told_as_such(form: str) -> None:
    rows = {
        "csv": [HEAD.encode(), row(1).encode(), row(2, "größer").encode("cp1252"), row(3).encode()],
        "ndjson": [
            b"\n",
            json.dumps(job("FB1")).encode() + b"\n",
            b'{"comments": "gr\xf6"}\n',
            json.dumps(job("FB3")).encode(),
        ],
    }[form]
    found = read(b"".join(rows))
    assert read_ids(found) == ["FB1", "FB3"]
    assert refused_lines(found) == [3]
    assert "not UTF-8" in next(line for line in found if line.faults).faults[0].message


# What is packed


def bomb(size: int) -> bytes:
    return zstandard.ZstdCompressor(level=19).compress(bytes(size))


def test_few_packed_bytes_that_stand_for_very_many_take_little_memory() -> None:
    packed, behind = bomb(256 * 1024 * 1024), bomb(64 * 1024 * 1024)
    assert len(packed) < 32 * 1024
    tracemalloc.start()
    with pytest.raises(UnreadableInputError, match="no text"):
        read(packed)
    found = read(zstandard.ZstdCompressor().compress(json.dumps(job("FB1")).encode() + b"\n") + behind)
    most = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert read_ids(found) == ["FB1"]
    assert most < 48 * 1024 * 1024


def test_window_that_wants_more_memory_than_there_is_room_for_is_refused_with_what_helps() -> None:
    parameters = zstandard.ZstdCompressionParameters(window_log=27, enable_ldm=True)
    packed = zstandard.ZstdCompressor(compression_params=parameters).compressobj().compress(b"{" * 200_000_000)
    assert MAX_WINDOW == 2**25
    with pytest.raises(UnreadableInputError, match="window of more than 32 MiB: zstd -dc --long=31"):
        read(packed)


# The same rules as the API's


def nested(depth: int) -> str:
    return "[" * depth + "]" * depth


@pytest.mark.parametrize(
    ("raw", "taken"),
    [
        (nested(63), True),
        (nested(64), False),
        ('"\\u0000"', False),
        ('"\\ud800"', False),
        ("NaN", False),
        ("1e999", False),
        ('{"a": 1, "a": 2}', True),
        ("12345678901234567890123", True),
    ],
)
def test_raw_is_taken_or_refused_as_the_api_does(raw: str, taken: bool) -> None:
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerows([["jobId", "serviceType", "jobType", "state", "raw"], ["FB1", "VM", "Backup", "NotStarted", raw]])
    line = '{"jobId": "FB1", "serviceType": "VM", "jobType": "Backup", "state": "NotStarted", "raw": ' + raw + "}\n"
    for data in (out.getvalue(), line):
        (found,) = read(data)
        assert bool(found.job) is taken, found
