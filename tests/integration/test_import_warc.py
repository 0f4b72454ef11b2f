"""Web archives as history: those of other crawlers, and our own written and read again."""

from __future__ import annotations

import io

import pytest
from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter

from kit.archives import TABLE, archivist, written
from kit.bulk import bulk, row, withdrawn
from watcher.core.events import Cause
from watcher.services.warc import last_with_payload, write_warc

BEFORE = [row(number) for number in range(1, 7)]
AFTER = [withdrawn(1), *BEFORE[1:]]
LATER = [withdrawn(1), withdrawn(2), *BEFORE[2:]]


def crawled(path, *pages, url=TABLE):
    """Write a WARC as other crawlers do, with dates to the second."""
    with path.open("wb") as out:
        writer = WARCWriter(out, gzip=True)
        writer.write_record(writer.create_warcinfo_record(path.name, {"software": "a crawler"}))
        for at, rows in pages:
            headers = [("Content-Type", "application/json"), ("X-Cache", "miss")]
            record = writer.create_warc_record(
                url,
                "response",
                payload=io.BytesIO(body := bulk(*rows, at=at).encode()),
                length=len(body),
                http_headers=StatusAndHeaders("200 OK", headers, protocol="HTTP/1.1"),
                warc_headers_dict={"WARC-Date": at},
            )
            writer.write_record(record)
    return path


def exported(keeper, path):
    """Write all that a store has captured as a WARC."""
    with keeper.tools.store.reading() as work, path.open("wb") as out:
        info = {"created": "2026-11-22T12:00:00Z"}
        earlier = last_with_payload(work.captures)
        captures = work.captures.read(source=keeper.source.id)
        list(write_warc(out, captures, keeper.tools.snapshots, info, earlier=earlier))
    return path


@pytest.fixture
def keeper(tmp_path):
    with archivist(tmp_path / "store") as keeper:
        yield keeper


def test_another_crawler_s_archive_is_history_late_as_it_comes(keeper, tmp_path):
    keeper.looks(*AFTER)
    archive = crawled(
        tmp_path / "crawl.warc.gz",
        ("2019-03-01T08:15:30Z", BEFORE),
        ("2020-03-01T08:15:30Z", AFTER),
    )

    keeper.imports(archive)

    (told,) = (each for each in keeper.counting() if each.event.type.endswith("withdrawn"))
    assert told.provenance.observed_at == "2020-03-01T08:15:30.000000Z"
    assert told.cause is Cause.IMPORTED
    assert keeper.looks(*LATER).events[0].event.subject.id.endswith("2")
    assert all(step.capture is None for step in keeper.imports(archive))


def test_our_own_archive_read_into_an_empty_store_is_the_same_history(keeper, tmp_path):
    keeper.looks(*BEFORE, etag='"1"')
    keeper.looks_unmodified()
    keeper.looks(*AFTER)
    keeper.looks(*BEFORE)
    keeper.fetcher.says(b"<title>Just a moment...</title>Checking your browser", url=TABLE)
    keeper.looks_again()
    keeper.looks(*LATER)
    keeper.imports(*written(tmp_path / "files", {"2020-05-01_1200_m.json": BEFORE}))
    archive = exported(keeper, tmp_path / "own.warc.gz")

    with archivist(tmp_path / "empty") as other:
        other.clock.forward(30 * 86_400)
        other.imports(archive)

        assert other.history() == keeper.history()
        assert (other.digest(), other.states()) == (keeper.digest(), keeper.states())
        assert {each.cause for each in other.log()} <= {Cause.BASELINE, Cause.IMPORTED}
        again = exported(other, tmp_path / "again.warc.gz")
        with archivist(tmp_path / "third") as third:
            third.clock.forward(30 * 86_400)
            third.imports(again)
            assert third.digest() == keeper.digest()
    assert all(step.capture is None for step in keeper.imports(archive))


def test_looks_less_than_a_second_apart_come_back_each_in_its_place(keeper, tmp_path):
    for rows in (BEFORE, AFTER, LATER):
        keeper.fetcher.says(bulk(*rows).encode(), url=TABLE)
        keeper.clock.forward(-12 * 3600 + 0.25)
        keeper.looks_again()
    archive = exported(keeper, tmp_path / "own.warc")

    with archivist(tmp_path / "empty") as other:
        other.imports(archive)

        assert other.history() == keeper.history()
