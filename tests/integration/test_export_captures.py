"""Captures taken out as WARC: tools read it, digests hold, and it is read back as it was."""

from __future__ import annotations

import gzip
import io
from types import SimpleNamespace

import pytest
from warcio.archiveiterator import ArchiveIterator
from warcio.checker import Checker
from warcio.exceptions import ArchiveLoadFailed

from kit.exports import stored
from watcher.core.capture import Capture, Target
from watcher.core.verdict import Verdict
from watcher.errors import SnapshotError, SnapshotGoneError, SnapshotRedactedError
from watcher.services.archive import pages
from watcher.services.warc import (
    FINAL_URI,
    NOT_MODIFIED,
    SAME_PAYLOAD,
    last_with_payload,
    write_warc,
)
from watcher.store.snapshots import FolderSnapshots

PAGE = "https://www.ema.europa.eu/en/medicines/human/EPAR/alofisel"
OTHER = "https://med.example/drug/alofisel"
INFO = {"software": "watcher", "created": "2026-01-01T00:00:00.000000Z"}
HEADERS = {
    "content-type": "text/html; charset=utf-8",
    "content-encoding": "br",
    "content-length": "7",
    "x-author": "Panés",
    "x-bad": "a\r\nX-Smuggled: yes",
}
FIRST, SECOND = "<p>Authorised – é</p>".encode(), b"<p>Withdrawn</p>"


class Desk:
    """A ledger and its snapshots, to write looks into."""

    def __init__(self, store, snapshots):
        self.store, self.snapshots, self.count = store, snapshots, 0

    def look(self, body=b"", *, url=PAGE, source="ema", verdict=Verdict.OK, status=200, **known):
        self.count += 1
        digest = self.snapshots.put(body) if body else ""
        capture = Capture(
            id=f"capture-{self.count}",
            source=source,
            url=url,
            at=f"2024-12-{self.count:02d}T12:00:00.123456Z",
            verdict=verdict,
            status=status,
            final_url=known.pop("final_url", url if status else ""),
            headers=HEADERS if status else {},
            digest=digest,
            size=len(body),
            **known,
        )
        with self.store.writing() as work:
            work.captures.add(capture, Target(source=source, url=url))
        return capture

    def export(self, path, snapshots=None, **asked):
        with self.store.reading() as work, path.open("wb") as out:
            found = work.captures.read(**asked)
            kept = snapshots or self.snapshots
            earlier = last_with_payload(work.captures)
            return [*write_warc(out, found, kept, INFO, earlier=earlier)]


@pytest.fixture
def desk(tmp_path):
    with stored(tmp_path) as store:
        yield Desk(store, FolderSnapshots(tmp_path / "snapshots"))


def records(path):
    with path.open("rb") as stream:
        return [
            (
                record.rec_type,
                record.rec_headers,
                record.http_headers,
                record.content_stream().read(),
            )
            for record in ArchiveIterator(stream, check_digests="raise")
        ]


def kinds(path):
    return [kind for kind, *_ in records(path)]


def test_a_payload_stands_once_and_revisits_refer_to_it(desk, tmp_path):
    path = tmp_path / "pages.warc.gz"
    desk.look(FIRST)
    desk.look(FIRST, is_revisit=True)
    desk.look(verdict=Verdict.UNCHANGED, status=304)
    desk.look(SECOND)
    assert len(desk.export(path)) == 4

    found = records(path)
    assert [kind for kind, *_ in found if kind != "metadata"] == [
        "warcinfo",
        "response",
        "revisit",
        "revisit",
        "response",
    ]
    (_, same, http, _), (_, unchanged, _, _) = [each for each in found if each[0] == "revisit"]
    assert same["WARC-Profile"] == SAME_PAYLOAD
    assert unchanged["WARC-Profile"] == NOT_MODIFIED
    for named in (same, unchanged):
        assert named["WARC-Refers-To-Target-URI"] == PAGE
        assert named["WARC-Refers-To-Date"] == "2024-12-01T12:00:00.123456Z"
    assert http.get_statuscode() == "200"


def test_the_bytes_headers_and_dates_are_those_of_the_capture(desk, tmp_path):
    path = tmp_path / "pages.warc.gz"
    capture = desk.look(FIRST)
    desk.export(path)
    _, named, http, body = next(each for each in records(path) if each[0] == "response")

    assert body == FIRST
    assert named["WARC-Date"] == capture.at
    assert named["WARC-Payload-Digest"] == capture.digest
    assert http["X-Archive-Orig-Content-Encoding"] == "br"
    assert http["Content-Length"] == str(len(FIRST))
    assert http["x-author"] == "Panés"
    assert http["X-Smuggled"] is None


def test_each_record_is_a_gzip_member_and_warcio_finds_nothing_wrong(desk, tmp_path, capsys):
    path = tmp_path / "pages.warc.gz"
    desk.look(FIRST)
    desk.look(verdict=Verdict.UNREACHABLE, status=0, reason="no\nanswer", signals=("timeout",))
    desk.export(path)
    checker = Checker(SimpleNamespace(inputs=[str(path)], verbose=False))

    assert checker.process_all() == 0
    assert capsys.readouterr().out == ""
    assert path.read_bytes().count(b"\x1f\x8b\x08") == len(kinds(path)) == 4
    assert gzip.decompress(path.read_bytes()).startswith(b"WARC/1.1\r\nWARC-Type: warcinfo")


def test_a_flipped_byte_is_found(desk, tmp_path):
    path = tmp_path / "pages.warc.gz"
    desk.look(FIRST)
    desk.export(path)
    plain = gzip.decompress(path.read_bytes()).replace(b"<p>Authorised", b"<p>authorised", 1)

    found = ArchiveIterator(io.BytesIO(plain), check_digests="raise")
    with pytest.raises(ArchiveLoadFailed, match="digest failed"):
        [record.content_stream().read() for record in found]


def test_a_failed_look_has_a_record_with_its_verdict_and_reason(desk, tmp_path):
    path = tmp_path / "pages.warc.gz"
    desk.look(verdict=Verdict.UNREACHABLE, status=0, reason="no\r\nanswer", signals=("timeout",))
    desk.look(SECOND, verdict=Verdict.BLOCKED, status=403, reason="a firewall")
    desk.export(path)

    notes = [body.decode() for kind, *_, body in records(path) if kind == "metadata"]
    assert kinds(path) == ["warcinfo", "metadata", "response", "metadata"]
    assert "verdict: unreachable\r\nreason: no answer\r\nsignals: timeout\r\n" in notes[0]
    assert "verdict: blocked\r\nreason: a firewall\r\n" in notes[1]


def test_what_is_exported_is_read_back_as_the_same_answers(desk, tmp_path):
    path = tmp_path / "pages.warc.gz"
    desk.look(FIRST)
    desk.look(FIRST, url=OTHER, source="medpath")
    desk.look(FIRST, is_revisit=True)
    desk.look(verdict=Verdict.UNCHANGED, status=304)
    desk.look(SECOND, final_url="https://www.ema.europa.eu/elsewhere")
    desk.look(verdict=Verdict.UNREACHABLE, status=0)
    desk.export(path)

    found = pages([path], PAGE, tmp_path / "room", wanted=lambda url: url == PAGE)
    answers = [page.answer() for page in found]
    assert [(each.status, each.body) for each in answers] == [
        (200, FIRST),
        (200, FIRST),
        (304, b""),
        (200, SECOND),
    ]
    assert [page.at.day for page in found] == [1, 3, 4, 5]
    assert answers[3].url == "https://www.ema.europa.eu/elsewhere"
    assert {each.headers["content-type"] for each in answers} == {HEADERS["content-type"]}
    (other,) = pages([path], OTHER, tmp_path / "room2", wanted=lambda url: url == OTHER)
    assert other.answer().body == FIRST


def test_a_part_of_the_time_takes_along_the_page_that_not_modified_speaks_of(desk, tmp_path):
    path = tmp_path / "pages.warc.gz"
    desk.look(FIRST)
    desk.look(verdict=Verdict.UNCHANGED, status=304)
    taken = desk.export(path, since="2024-12-02T00:00:00.000000Z")

    assert [each.id for each in taken] == ["capture-2"]
    assert kinds(path) == ["warcinfo", "response", "metadata", "revisit", "metadata"]
    (_, named, _, _) = next(each for each in records(path) if each[0] == "revisit")
    assert named["WARC-Refers-To-Date"] == "2024-12-01T12:00:00.123456Z"


def test_another_address_that_answered_is_named(desk, tmp_path):
    path = tmp_path / "pages.warc.gz"
    desk.look(FIRST, final_url="https://www.ema.europa.eu/a b\r\nX: y")
    desk.export(path)
    (_, named, _, _) = next(each for each in records(path) if each[0] == "response")

    assert named["WARC-Target-URI"] == PAGE
    assert named[FINAL_URI] == "https://www.ema.europa.eu/a%20b%20X:%20y"


class Dropped:
    """Snapshots that were taken away: on purpose, when their time was over, or by accident."""

    def __init__(self, error, **why):
        self.error, self.why = error, why

    def get(self, digest):
        raise self.error(digest, **self.why)


@pytest.mark.parametrize("error", [SnapshotRedactedError, SnapshotGoneError])
def test_a_payload_dropped_on_purpose_leaves_its_digest_and_the_reason(desk, tmp_path, error):
    path = tmp_path / "pages.warc.gz"
    capture = desk.look(FIRST)
    desk.export(path, Dropped(error, at="2025-01-01T00:00:00Z", why="a person's name"))

    assert kinds(path) == ["warcinfo", "metadata"]
    note = records(path)[1][3].decode()
    assert f"payload: {capture.digest}\r\npayload-dropped: " in note
    assert "a person's name" in note


def test_a_payload_that_is_missing_stops_the_export(desk, tmp_path):
    desk.look(FIRST)

    with pytest.raises(SnapshotError):
        desk.export(tmp_path / "pages.warc.gz", Dropped(SnapshotError))


def test_the_same_capture_has_the_same_record_ids_in_every_file(desk, tmp_path):
    desk.look(FIRST)
    for name in ("a.warc.gz", "b.warc.gz"):
        desk.export(tmp_path / name)

    assert (tmp_path / "a.warc.gz").read_bytes() == (tmp_path / "b.warc.gz").read_bytes()


def test_captures_are_read_in_the_order_in_which_they_were_made(desk):
    for url, source in ((PAGE, "ema"), (OTHER, "medpath"), (PAGE, "ema")):
        desk.look(FIRST, url=url, source=source)

    with desk.store.reading() as work:

        def ids(**asked):
            return [each.id for each in work.captures.read(**asked)]

        assert ids() == ["capture-1", "capture-2", "capture-3"]
        assert ids(source="ema", since="2024-12-02") == ["capture-3"]
        assert ids(url=OTHER) == ["capture-2"]
        assert ids(until="2024-12-01T12:00:00.123456Z") == ["capture-1"]
