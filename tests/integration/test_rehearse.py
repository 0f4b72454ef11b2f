"""An archive run through the whole line: what would have been sent, what not, and why."""

from __future__ import annotations

import gzip
import io
import json
import tarfile
from uuid import uuid4

import pytest
from typer.testing import CliRunner

from kit.bulk import bulk, row, withdrawn
from kit.station import settings
from watcher.cli.main import app
from watcher.demo.story import SCENES

RULES = [
    {"id": "endings", "events": ["authorisation.*"], "least": "critical", "channels": ["pv"]},
    {"id": "operator", "events": ["source.*"], "channels": ["pv"]},
]
PAGE = "https://ema.example/en/medicines/human/EPAR/alofisel"
TABLE = "https://ema.example/en/documents/report/medicines.json"


@pytest.fixture
def room(tmp_path, monkeypatch):
    """A folder with a configuration of two sources, and nothing else."""
    sources = [
        {"id": "ema-page", "reader": "ema_medicine_page", "url": PAGE, "title": "EMA, a page"},
        {"id": "ema-table", "reader": "ema_medicines", "url": TABLE, "title": "EMA, the table"},
    ]
    settings(tmp_path, sources, channels={"pv": "folder:sent"}, rules=RULES)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def the_story(folder):
    """Write the demonstration's scenes as dated versions of one page."""
    folder.mkdir(parents=True)
    for number, scene in enumerate(SCENES):
        (folder / f"{scene.at:%Y-%m-%dT%H%M}_{number}.html").write_text(scene.body, "utf-8")
    return folder


def command(*words):
    return CliRunner(env={"COLUMNS": "200"}).invoke(app, ["rehearse", *map(str, words)])


def rehearsed(*words, code=0):
    done = command(*words, "--json")
    assert done.exit_code == code, done.output
    return json.loads(done.stdout)


def test_a_page_s_years_would_have_been_one_message_and_every_silence_has_its_reason(room):
    the_story(room / "versions" / "alofisel")

    told = rehearsed(room / "versions", "--source", "ema-page")

    (message,) = told["messages"]
    assert message["at"].startswith("2025-01-21T06:21")
    assert (message["channel"], message["rules"]) == ("pv", ["endings"])
    assert message["subject"].startswith("[CRITICAL] Alofisel")
    assert [page["verdict"] for page in told["not_believed"]] == ["maintenance"]
    added = [each for each in told["not_told"] if each["event"] == "document.added"]
    assert len(added) == 2
    assert added[0]["reasons"][0] == "endings: not told, document.added is none of its events"
    assert all(each["reasons"] for each in told["not_told"])
    assert told["counts"]["first_readings"] == 1


def test_people_would_have_been_told_at_once_in_the_morning_or_in_a_digest(room):
    text = json.loads((room / "sources.yaml").read_text("utf-8"))
    text["people"] = [
        {
            "id": "anna",
            "channels": ["pv"],
            "zone": "Europe/Amsterdam",
            "when": {"critical": "daily"},
        }
    ]
    text["rules"] = [{"id": "endings", "events": ["authorisation.withdrawn"], "tell": ["anna"]}]
    (room / "sources.yaml").write_text(json.dumps(text), "utf-8")
    the_story(room / "versions" / "alofisel")

    told = rehearsed(room / "versions", "--source", "ema-page")
    messages = told["messages"]

    assert [(each["channel"], each["rules"]) for each in messages] == [("pv", ["endings"])]
    assert messages[0]["subject"].startswith("daily digest: authorisation.withdrawn")


def test_a_rehearsal_sends_nothing_and_leaves_nothing_behind(room):
    the_story(room / "alofisel")
    before = sorted(room.rglob("*"))

    rehearsed(room / "alofisel", "--source", "ema-page")

    assert sorted(room.rglob("*")) == before


def test_a_folder_a_tar_and_its_files_say_the_same(room):
    folder = the_story(room / "alofisel")
    with tarfile.open(room / "alofisel.tar.gz", "w:gz") as packed:
        packed.add(folder, "alofisel")

    first = rehearsed(folder, "--source", "ema-page")
    packed_up = rehearsed(room / "alofisel.tar.gz", "--source", "ema-page")
    singly = rehearsed(*folder.iterdir(), "--reader", "ema_medicine_page")

    def messages(told):
        return [(each["at"], each["subject"]) for each in told["messages"]]

    assert messages(first) == messages(packed_up) == messages(singly)


def test_dated_files_of_a_table_are_rehearsed_at_their_own_time(room):
    archive = room / "tables"
    archive.mkdir()
    rows = [row(number) for number in range(1, 11)]
    for at, told in (("2024-08-15", rows), ("2024-08-22_1506", [withdrawn(1), *rows[1:]])):
        (archive / f"{at}_medicines.json").write_text(bulk(*told), "utf-8")

    told = rehearsed(archive, "--source", "ema-table")

    assert [each["at"][:16] for each in told["messages"]] == ["2024-08-22T15:06"]


def test_changes_of_a_whole_table_are_held_back_and_the_rehearsal_says_so(room):
    archive = room / "tables"
    archive.mkdir()
    for at, make in (("2023-12-01", row), ("2023-12-05", withdrawn)):
        told = bulk(*(make(number) for number in range(1, 61)))
        (archive / f"{at}_medicines.json").write_text(told, "utf-8")

    told = rehearsed(archive, "--source", "ema-table")

    held = [each for each in told["not_told"] if each["event"] == "authorisation.withdrawn"]
    assert len(held) == 60
    assert all("held back" in each["reasons"][0] for each in held)
    assert [each["rules"] for each in told["messages"]] == [["operator"]]


def test_an_archive_of_which_nothing_can_be_believed_ends_with_1(room):
    (room / "2024-01-01_page.html").write_text("<html><title>Just a moment...</title></html>")

    told = rehearsed(room / "2024-01-01_page.html", "--source", "ema-page", code=1)

    assert [page["verdict"] for page in told["not_believed"]] == ["blocked"]


@pytest.mark.parametrize(
    ("words", "code", "complaint"),
    [
        (["undated"], 1, "its name has no date"),
        (["dated"], 1, "--source or --reader"),
        (["dated", "--source", "nobody"], 1, "there is no source 'nobody'"),
        (["dated", "--reader", "nobody"], 1, "there is no reader 'nobody'"),
        (["missing"], 2, "does not exist"),
    ],
)
def test_what_cannot_be_rehearsed_is_told_in_words(room, words, code, complaint):
    (room / "dated").mkdir()
    (room / "dated" / "2024-01-01_page.html").write_text("x")
    (room / "undated").mkdir()
    (room / "undated" / "page.html").write_text("x")
    options = ["--source", "ema-page"] if words == ["undated"] else []

    done = command(*words, *options)

    assert done.exit_code == code
    assert complaint in " ".join(done.output.replace("│", " ").split())


def test_a_tar_that_is_none_and_members_that_lead_outside_are_refused(room):
    (room / "broken.tar").write_bytes(b"not a tar archive at all")
    with tarfile.open(room / "escaping.tar", "w") as packed:
        member = tarfile.TarInfo("../2024-01-01_page.html")
        member.size = 1
        packed.addfile(member, io.BytesIO(b"x"))

    for name in ("broken.tar", "escaping.tar"):
        done = command(name, "--source", "ema-page")
        assert done.exit_code == 1
        assert "cannot be unpacked" in " ".join(done.output.split())


def a_warc_record(url, at, body):
    """Return one response as a crawler writes it down."""
    http = f"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n{body}".encode()
    head = (
        f"WARC/1.1\r\nWARC-Type: response\r\nWARC-Record-ID: <urn:uuid:{uuid4()}>\r\n"
        f"WARC-Target-URI: {url}\r\nWARC-Date: {at:%Y-%m-%dT%H:%M:%SZ}\r\n"
        "Content-Type: application/http;msgtype=response\r\n"
        f"Content-Length: {len(http)}\r\n\r\n"
    )
    return head.encode() + http + b"\r\n\r\n"


def test_a_warc_file_is_read_by_its_own_dates_and_addresses(room):
    pytest.importorskip("warcio", reason="the extra `warc` is not installed")
    with (room / "crawl.warc.gz").open("wb") as file:
        for scene in SCENES:
            for url, body in ((PAGE, scene.body), ("https://other.example/", "<p>Other</p>")):
                file.write(gzip.compress(a_warc_record(url, scene.at, body)))

    told = rehearsed(room / "crawl.warc.gz")

    assert told["counts"]["pages"] == len(SCENES)
    assert [each["at"][:10] for each in told["messages"]] == ["2025-01-21"]


def test_a_page_that_a_warc_file_holds_in_part_is_not_believed(room):
    pytest.importorskip("warcio", reason="the extra `warc` is not installed")
    (room / "crawl.warc").write_bytes(a_warc_record(PAGE, SCENES[0].at, SCENES[0].body)[:3000])

    told = rehearsed("crawl.warc", code=1)

    assert [page["verdict"] for page in told["not_believed"]] == ["truncated"]


def test_what_is_no_warc_file_is_refused(room):
    pytest.importorskip("warcio", reason="the extra `warc` is not installed")
    (room / "crawl.warc.gz").write_bytes(b"nothing of the kind")

    done = command("crawl.warc.gz")

    assert done.exit_code == 1
    assert "is not a whole WARC file" in " ".join(done.output.split())


@pytest.mark.realdata
@pytest.mark.usefixtures("room")
def test_half_a_year_of_real_pages_would_have_been_ten_mails_of_endings(shared_data):
    told = rehearsed(shared_data / "ema_pages" / "versions", "--source", "ema-page")

    endings = [each for each in told["messages"] if each["rules"] == ["endings"]]
    assert len(endings) == 10
    assert {each["subject"].partition("]")[0] for each in endings} == {"[CRITICAL"}
    assert told["counts"]["pages"] == 213
    assert told["counts"]["first_readings"] == 75
    assert told["not_believed"] == []
