"""Files that go with messages: made when it is sent, carried whole, and never in the way."""

from __future__ import annotations

import io
import json
import zipfile
from dataclasses import replace

import icalendar
import pytest

from kit.bulk import bulk, row, withdrawn
from kit.faulty_server import FaultyServer
from kit.receivers import Mailbox
from kit.sending import ENVELOPE, way
from kit.station import settings, station
from watcher.errors import NotFoundError
from watcher.ports import Attachment
from watcher.services.attaching import KINDS, attachments

PATH = "/medicines.json"


@pytest.fixture
def at_work(tmp_path):
    """A watcher that has told of a withdrawal through a channel with all files."""
    with FaultyServer() as site:
        source = {"id": "ema", "reader": "ema_medicines", "url": site.url(PATH)}
        path = settings(tmp_path, [source], channels={"anna": "folder:boxes/anna"})
        told = json.loads(path.read_text("utf-8"))
        told["channels"][0]["attach"] = [*KINDS]
        path.write_text(json.dumps(told), encoding="utf-8")
        with station(path) as here:
            for rows in ([row(1), row(2)], [row(1), withdrawn(2)]):
                site.page(PATH, bulk(*rows), media_type="application/json")
                here.look()
            yield here


def envelope(at_work):
    return at_work.outbox()[0].envelope


def made(at_work, wanted=KINDS, **rest):
    def no_bundle(_event: str):
        message = "there is no such event"
        raise NotFoundError(message)

    return attachments(
        at_work.watcher.store,
        envelope(at_work),
        frozenset(wanted),
        **{"make_bundle": no_bundle, "sources": {}, **rest},
    )


@pytest.mark.usefixtures("at_work")
def test_a_channel_that_asks_for_files_gets_them_with_the_message(tmp_path):
    files = sorted((tmp_path / "boxes" / "anna").iterdir())

    (changes,) = (each for each in files if "changes-" in each.name)
    (evidence,) = (each for each in files if "evidence-" in each.name)
    (dates,) = (each for each in files if each.suffix == ".ics")
    assert "+ Withdrawn" in changes.read_text("utf-8")
    assert "verify.py" in zipfile.ZipFile(io.BytesIO(evidence.read_bytes())).namelist()
    assert icalendar.Calendar.from_ical(dates.read_bytes()).walk("VEVENT")


def test_files_are_not_kept_in_the_outbox(at_work):
    assert envelope(at_work).attachments == ()


def test_a_file_that_cannot_be_made_is_named_and_the_others_go(at_work):
    names = [each.name.partition("-")[0] for each in made(at_work)]
    note = made(at_work)[-1]

    assert names == ["changes", "dates", "not"]
    assert b"there is no such event" in note.body


def test_files_that_are_too_large_together_are_named_and_left_out(at_work):
    (note,) = made(at_work, ["diff"], largest=10)

    assert note.name == "not-attached.txt"
    assert b"and all files together may have 10" in note.body


def test_only_what_was_asked_for_is_made(at_work):
    assert [each.media_type for each in made(at_work, ["calendar"])] == ["text/calendar"]
    assert made(at_work, []) == ()


def test_a_message_about_no_case_has_no_files(at_work):
    digest = replace(envelope(at_work), data={"kind": "digest"})
    wanted = frozenset(KINDS)

    assert (
        attachments(at_work.watcher.store, digest, wanted, make_bundle=lambda _: None, sources={})
        == ()
    )


def test_a_case_we_do_not_hold_is_no_reason_to_hold_back_the_message(at_work):
    data = {**envelope(at_work).data, "case": "0" * 32}
    unknown = replace(envelope(at_work), data=data)

    (note,) = attachments(
        at_work.watcher.store, unknown, frozenset(["diff"]), make_bundle=lambda _: None, sources={}
    )
    assert note.name == "not-attached.txt"


def test_a_mail_carries_its_files_whole_whatever_they_are_called():
    files = (
        Attachment(name="änderung → 1.txt", media_type="text/plain", body="é\n".encode()),
        Attachment(name="a\r\nBcc: x@y.org.zip", media_type="application/zip", body=bytes(9_999)),
    )
    with Mailbox() as box:
        way(box.address()).send(replace(ENVELOPE, attachments=files))

    (mail,) = box.messages
    parts = list(mail.message.iter_attachments())
    assert [part.get_filename() for part in parts] == ["änderung → 1.txt", "a Bcc: x@y.org.zip"]
    assert parts[1].get_payload(decode=True) == bytes(9_999)
    assert mail.text == ENVELOPE.text
    assert mail.message["Bcc"] is None
