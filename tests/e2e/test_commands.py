"""The commands as people and machines use them: results, words and exit codes."""

from __future__ import annotations

import json

import pytest

from kit.bulk import bulk, row, withdrawn
from kit.faulty_server import FaultyServer
from kit.process import command
from kit.receivers import Mailbox
from kit.station import settings

PATH = "/medicines.json"

pytestmark = pytest.mark.e2e


@pytest.fixture
def site():
    with FaultyServer() as site:
        yield site


def source(site):
    return {
        "id": "ema-medicines",
        "title": "EMA medicines",
        "reader": "ema_medicines",
        "url": site.url(PATH),
    }


def told(folder, *words, code=0):
    done = command(folder, *words)
    assert done.returncode == code, done.stderr
    return done


def as_json(folder, *words):
    return json.loads(told(folder, *words, "--json").stdout)


def test_a_person_follows_a_medicine_from_the_first_look_to_the_mail(tmp_path, site):
    with Mailbox() as box:
        settings(tmp_path, [source(site)], channels={"pv": box.address()})
        site.page(PATH, bulk(row(1), row(2)), media_type="application/json", etag='"1"')
        assert "2 subjects read for the first time" in told(tmp_path, "once").stderr
        assert "nothing new" in told(tmp_path, "check", "ema-medicines").stderr
        site.page(PATH, bulk(row(1), withdrawn(2)), media_type="application/json", etag='"2"')
        seen = told(tmp_path, "check", "ema-medicines")

        assert "authorised → withdrawn (EU), effective 2024-12-13" in seen.stdout
        assert "1 messages queued, 1 delivered" in seen.stderr
        assert len(box.messages) == 1
    assert "never" not in told(tmp_path, "sources").stdout
    history = as_json(tmp_path, "history", "medicine 2")
    assert [each["event"]["type"] for each in history][:2] == [
        "fact.recorded",
        "authorisation.withdrawn",
    ]
    event = as_json(tmp_path, "show", history[1]["event_id"][:12])
    assert event["provenance"]["snapshot"].startswith("sha256:")
    assert event["provenance"]["evidence"][0]["quote"]
    (known,) = as_json(tmp_path, "replay", "--product", "medicine 2")
    assert known["status"] == "withdrawn"
    (effective,) = as_json(
        tmp_path,
        "replay",
        "--as-of",
        "2024-12-12",
        "--axis",
        "effective",
        "--product",
        "medicine 2",
    )
    assert effective["status"] == "authorised"
    assert "equal" in told(tmp_path, "replay", "--rebuild").stderr
    # one of them the configuration, and one that the mail was delivered
    assert "whole: 6 events" in told(tmp_path, "verify").stderr
    assert [each["verdict"] for each in as_json(tmp_path, "captures")] == ["ok", "unchanged", "ok"]


def test_everything_wrong_with_a_configuration_is_told_at_once(tmp_path):
    (tmp_path / "sources.yaml").write_text(
        "contact: mailto:ops@watcher.example.org\n"
        "sources:\n"
        "  - id: one\n    reader: nobody\n    url: https://x.example.org\n    every: 12h\n"
        "    tier: 9\n"
        "  - id: one\n    reader: ema_feed\n    url: ftp://x\n    evry: 12h\n    tier: 1\n"
        "channels: [{id: mail, url: '${NOT_SET}'}]\n",
        encoding="utf-8",
    )

    done = told(tmp_path, "config", "check", code=2)

    for words in ("nobody", "tier", "one", "ftp", "evry", "NOT_SET"):
        assert words in done.stderr, words
    assert "sources.yaml:4: " in done.stderr
    assert told(tmp_path, "run", code=2).stderr == done.stderr


def test_a_look_that_is_not_good_is_told_and_is_no_success(tmp_path, site):
    settings(tmp_path, [source(site)], channels={"f": "folder:messages"})

    done = told(tmp_path, "once", code=1)

    assert "not_found" in done.stderr
    (capture,) = as_json(tmp_path, "captures", "--verdict", "not_found")
    assert capture["reason"]


def test_what_is_not_there_is_missed_with_the_next_step(tmp_path, site):
    settings(tmp_path, [source(site)], channels={"f": "folder:messages"})
    assert "watcher once" in told(tmp_path, "events", code=3).stderr
    site.page(PATH, bulk(row(1)), media_type="application/json")
    told(tmp_path, "once")

    assert "there is no source 'ema'" in told(tmp_path, "check", "ema", code=1).stderr
    assert "see `watcher" in told(tmp_path, "show", "ffff", code=1).stderr
    assert "nothing is known of 'x'" in told(tmp_path, "history", "x", code=1).stderr
    assert "neither a day" in told(tmp_path, "replay", "--as-of", "soon", code=2).stderr


def test_a_channel_is_tried_with_a_harmless_sample(tmp_path, site):
    settings(tmp_path, [source(site)], channels={"f": f"folder:{tmp_path / 'messages'}"})

    assert "taken" in told(tmp_path, "test-channel", "f").stderr
    (message,) = (tmp_path / "messages").glob("*.txt")
    assert "Nothing has happened" in message.read_text(encoding="utf-8")


def test_the_demonstration_ends_with_the_one_mail(tmp_path):
    done = json.loads(told(tmp_path, "demo", "--json").stdout)

    assert [scene["verdict"] for scene in done["scenes"]].count("maintenance") == 1
    assert len(done["mails"]) == 1
    assert "Withdrawn" in done["mails"][0]
    assert done["as_known_2024-12-31"] == "authorised"
    assert done["as_known_2025-02-01"] == "withdrawn"
    assert list(tmp_path.iterdir()) == []


@pytest.mark.realdata
def test_years_of_bulk_files_are_imported_and_asked_of(tmp_path, shared_data, site):
    settings(tmp_path, [source(site)], channels={"f": "folder:messages"})
    files = sorted(str(path) for path in (shared_data / "ema_bulk_xlsx").glob("2024-08-*"))

    told(tmp_path, "import", "ema-medicines", *files)

    def status(product, *when):
        (known,) = as_json(tmp_path, "replay", "--product", product, *when)
        return known["status"]

    tremelimumab = "Tremelimumab AstraZeneca"
    assert status(tremelimumab, "--as-of", "2024-08-17") == "authorised"
    assert status(tremelimumab, "--as-of", "2024-12-01") == "withdrawn"
    assert status("Alofisel", "--as-of", "2024-12-01") == "authorised"
    assert as_json(tmp_path, "alerts") == []
    assert "equal" in told(tmp_path, "replay", "--rebuild").stderr
    again = told(tmp_path, "import", "ema-medicines", files[0])
    assert "known already, nothing was done" in again.stderr
