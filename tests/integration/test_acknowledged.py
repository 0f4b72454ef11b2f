"""EMA and others are named, and the official source, in whatever leaves this program."""

from __future__ import annotations

import gzip
import json
import zipfile
from html import unescape
from io import BytesIO
from pathlib import Path

import pytest
from openpyxl import load_workbook
from typer.testing import CliRunner

from kit.ema_site import PAGE, ema_site
from kit.receivers import Mailbox, Webhook
from kit.station import settings, station
from watcher.cli.main import app
from watcher.core import wording
from watcher.core.credits import credits_of
from watcher.mcp.tools import INSTRUCTIONS
from watcher.web.api.document import document

EMA = "European Medicines Agency (EMA), acknowledged"
PREVAILS = "Informational; check the official source"
BASE = Path(wording.__file__).parents[1] / "web" / "templates" / "base.html"


@pytest.fixture(scope="module")
def told(tmp_path_factory):
    """A withdrawal that was told: the configuration, and what receivers got."""
    folder = tmp_path_factory.mktemp("told")
    with ema_site() as site, Mailbox() as box, Webhook() as chat:
        path = settings(
            folder,
            [
                {"id": "table", "reader": "ema_medicines", "url": site.table},
                {"id": "page", "reader": "ema_medicine_page", "url": site.url(PAGE)},
            ],
            channels={"pv": box.address(), "chat": f"json://127.0.0.1:{chat.port}/a"},
            watch_lists=[{"id": "mine", "products": ["Alofisel"]}],
            rules=[{"id": "mine", "watch_list": "mine", "channels": ["pv", "chat"]}],
        )
        with station(path) as here:
            here.look()
            site.publish(is_withdrawn=True)
            here.look()
            (event, *_) = here.log(types=("authorisation.withdrawn",))
            here.watcher.seal()
        mails = [mail.text + mail.html for mail in box.messages]
        posts = [post.json()["message"] for post in chat.posts]
    return path, event.event_id, mails, posts


def ran(told, *words):
    done = CliRunner().invoke(app, [*words, "--config", str(told[0])])
    assert done.exit_code == 0, done.output
    return done.stdout


def flat(text):
    """Text without line ends, escapes and folds of calendars."""
    return " ".join(
        unescape(text.replace("\r\n ", "").replace("\\,", ",").replace("\\;", ";")).split()
    )


def sheets(body):
    book = load_workbook(BytesIO(body), read_only=True)
    return " ".join(
        str(cell) for sheet in book for row in sheet.iter_rows(values_only=True) for cell in row
    )


def everything(body):
    with zipfile.ZipFile(BytesIO(body)) as opened:
        return opened.read("index.html").decode()


FILES = {
    "log.jsonl": (("export", "log", "--format", "jsonl"), bytes.decode),
    "log.csv": (("export", "log", "--format", "csv"), bytes.decode),
    "log.xlsx": (("export", "log", "--format", "xlsx"), sheets),
    "log.cloudevents": (("export", "log", "--format", "cloudevents"), bytes.decode),
    "log.batch": (("export", "log", "--format", "cloudevents-batch"), bytes.decode),
    "captures.warc.gz": (("export", "captures"), lambda body: gzip.decompress(body).decode()),
    "dossier.html": (("export", "dossier", "alofisel"), bytes.decode),
    "feed.atom": (("feed", "mine", "--format", "atom"), bytes.decode),
    "feed.json": (("feed", "mine", "--format", "json"), bytes.decode),
    "feed.ics": (("feed", "mine", "--format", "ical"), bytes.decode),
}


@pytest.mark.parametrize("name", FILES)
def test_every_file_that_is_taken_out_names_them(told, tmp_path, name):
    words, opened = FILES[name]
    file = tmp_path / name
    ran(told, *words, "--output", str(file))

    text = flat(opened(file.read_bytes()))

    assert EMA in text
    assert PREVAILS in text


def test_the_evidence_of_an_event_names_them(told, tmp_path):
    file = tmp_path / "evidence.zip"
    ran(told, "evidence", told[1], "--output", str(file))

    text = flat(everything(file.read_bytes()))
    assert EMA in text
    assert PREVAILS in text


def test_reports_and_life_lines_name_them(told, tmp_path):
    page, life = tmp_path / "report.html", tmp_path / "life.html"
    ran(told, "report", "--html", str(page))
    ran(told, "timeline", "alofisel", "--html", str(life))

    for text in (page.read_text("utf-8"), life.read_text("utf-8"), ran(told, "report", "--csv")):
        assert wording.FOOT_GENERAL in flat(text)


def test_every_mail_and_every_chat_names_them(told):
    _, _, mails, posts = told

    assert mails
    assert all(EMA in flat(text) and PREVAILS in flat(text) for text in mails)
    assert posts
    assert all(wording.FOOT_BRIEF in text for text in posts)


def test_pages_programs_and_assistants_are_told_of_them():
    said = flat(BASE.read_text(encoding="utf-8"))

    assert all(line.rstrip(".") in said for line in (wording.FOOT_ORIGIN, wording.FOOT_DISCLAIMER))
    assert "European Medicines Agency\n(EMA), acknowledged" in document()["info"]["description"]
    assert wording.FOOT_GENERAL in INSTRUCTIONS
    assert json.dumps(document())


def test_each_source_is_named_in_its_own_way_and_a_machine_of_ones_own_is_not():
    lines = credits_of(
        [
            "https://www.ema.europa.eu/en/a",
            "https://en.wikipedia.org/wiki/A",
            "https://trial.medpath.com/a",
            "https://notema.europa.eu.evil.org/",
            "http://127.0.0.1/a",
            "http://localhost/a",
            "no address",
        ],
        "December 2024",
    )

    assert lines == [
        wording.FOOT_EMA.format(month="December 2024"),
        wording.FOOT_WIKIPEDIA,
        wording.FOOT_OTHERS.format(
            hosts="notema.europa.eu.evil.org, trial.medpath.com", month="December 2024"
        ),
    ]
