"""`watcher sources add`: a page is looked at as politely as ever, and an entry proposed for it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import yaml
from typer.testing import CliRunner, Result

from kit import replies
from kit.faulty_server import FaultyServer
from kit.station import station
from watcher.cli.main import app
from watcher.config.load import load
from watcher.core.schedule import Every
from watcher.readers.registry import READERS

AGENCY = """<!DOCTYPE html><html lang="en"><head><title>Testol: data | Agency</title>
<link rel="canonical" href="https://agency.example/testol"></head><body>
<h1>Testol</h1>
<dl><dt>Status</dt><dd>Authorised</dd><dt>Code "A"</dt><dd>12</dd></dl>
<h2>News</h2><ul><li><a href="/n/1">Recall</a><li><a href="/n/2">Letter</a>
<li><a href="/n/3">Stop of sales</a></ul></body></html>"""
ENCYCLOPAEDIA = (
    Path(__file__).parents[1] / "golden" / "encyclopedia" / "withdrawn_page.html"
).read_text(encoding="utf-8")
SOURCES = """# ours
contact: "mailto:pv@hospital.eu"
hosts: {127.0.0.1: {pace: 0s}}
sources:
  - id: ema   # the table
    reader: ema_medicines
    url: https://www.ema.europa.eu/a.json
    every: 12h
    tier: 1

# nobody is told yet
rules: []
"""


@pytest.fixture
def site():
    with FaultyServer() as site:
        yield site


@pytest.fixture
def config(tmp_path: Path) -> Path:
    path = tmp_path / "sources.yaml"
    path.write_text(SOURCES, encoding="utf-8")
    return path


def add(config: Path, *words: str) -> Result:
    command = ["sources", "add", *words, "--config", str(config)]
    return CliRunner().invoke(app, command, env={"COLUMNS": "200", "NO_COLOR": "1"})


def proposed(config: Path, *words: str) -> dict[str, object]:
    """Return the one entry that is printed; nothing is written."""
    before = config.read_bytes()
    done = add(config, *words)
    assert done.exit_code == 0, done.stderr
    assert config.read_bytes() == before
    [entry] = yaml.safe_load(done.stdout)
    return entry


def refused(config: Path, *words: str) -> tuple[int, str]:
    """Return the exit code and what was said; nothing is written."""
    before = config.read_bytes()
    done = add(config, *words)
    assert config.read_bytes() == before
    return done.exit_code, done.stderr


def test_an_unknown_page_is_proposed_with_its_labels_and_lists(config, site):
    site.page("/medicines/testol", AGENCY)
    url = site.url("/medicines/testol")

    entry = proposed(config, url, "--allow-private", "--id", "testol")

    assert entry == {
        "id": "testol",
        "title": "Testol: data | Agency",
        "reader": "generic",
        "url": url,
        "every": "1d",
        "tier": 3,
        "expect": {"records": [1, 1]},
        "allow_private": True,
        "options": {
            "facts": [
                {"path": "stated.status", "label": "Status"},
                {"path": "stated.code_a", "label": 'Code "A"', "kind": "number"},
            ],
            "lists": [{"path": "news", "below": "News", "key": "url", "least": 1}],
        },
    }


def test_the_page_is_asked_for_once_and_only_where_robots_txt_allows_it(config, site):
    site.page("/testol", AGENCY)
    site.robots("User-agent: *\nDisallow: /secret")

    proposed(config, site.url("/testol"), "--allow-private")
    code, said = refused(config, site.url("/secret"), "--allow-private")

    assert [seen.path for seen in site.requests] == ["/robots.txt", "/testol", "/robots.txt"]
    assert "mailto:pv@hospital.eu" in site.asked("/testol")[0].headers["user-agent"]
    assert code == 1
    assert "robots.txt" in said


def test_a_page_of_a_known_kind_gets_its_reader(config, site):
    site.page("/wiki/Examplestrocel", ENCYCLOPAEDIA)

    entry = proposed(config, site.url("/wiki/Examplestrocel"), "--allow-private")

    assert (entry["reader"], entry["tier"]) == ("encyclopedia", 4)
    assert "options" not in entry


def test_written_into_the_file_the_entry_is_a_source_and_all_else_stays(config, site):
    site.page("/testol", AGENCY)

    done = add(config, site.url("/testol"), "--allow-private", "--id", "testol", "--write")

    assert done.exit_code == 0, done.stderr
    before, after = SOURCES.split("\n\n# nobody", 1)
    written = config.read_text(encoding="utf-8")
    assert written == f"{before}\n\n{done.stdout}\n# nobody{after}"
    ema, testol = load(config, {}, READERS).sources
    assert (ema.id, testol.id, testol.schedule) == ("ema", "testol", Every(86_400))
    assert testol.options is not None
    assert [fact.label for fact in testol.options.facts] == ["Status", 'Code "A"']
    assert "watcher check testol" in done.stderr


def test_a_second_entry_of_one_address_gets_an_id_of_its_own(config, site):
    site.page("/testol", AGENCY)

    for _ in range(2):
        assert add(config, site.url("/testol"), "--allow-private", "--write").exit_code == 0

    ids = [source.id for source in load(config, {}, READERS).sources]
    assert ids == ["ema", "127-0-0-testol", "127-0-0-testol-2"]


def test_an_id_that_is_taken_is_refused_and_the_file_stays(config, site):
    site.page("/testol", AGENCY)

    code, said = refused(config, site.url("/testol"), "--allow-private", "--id", "ema", "--write")

    assert code == 2
    assert "sources[ema].id: the id 'ema' is taken on line 5" in said


def test_a_saved_page_gets_the_address_it_states_itself(config, tmp_path):
    page = tmp_path / "saved.html"
    page.write_text(AGENCY, encoding="utf-8")

    assert proposed(config, str(page))["url"] == "https://agency.example/testol"
    assert proposed(config, str(page))["id"] == "agency-testol"
    given = proposed(config, str(page), "--url", "https://agency.example/b")
    assert given["url"] == "https://agency.example/b"


def test_a_saved_page_without_an_address_is_printed_but_not_written(config, tmp_path):
    page = tmp_path / "saved.html"
    page.write_text(AGENCY.replace("canonical", "help"), encoding="utf-8")

    assert str(proposed(config, str(page))["url"]).startswith("https://www.example.org/")
    code, said = refused(config, str(page), "--write")
    assert code == 2
    assert "--url" in said
    assert add(config, str(page), "--url", "https://a.eu/b", "--write").exit_code == 0


def test_for_a_saved_page_no_configuration_is_needed(tmp_path):
    page = tmp_path / "saved.html"
    page.write_text(AGENCY, encoding="utf-8")

    assert add(tmp_path / "none.yaml", str(page)).exit_code == 0


def test_what_is_not_the_page_is_no_source(config, site):
    site.page("/testol", "<html><title>Just a moment...</title><body>Checking your browser")
    site.script("/gone", [replies.answer("gone", 404)])

    blocked = refused(config, site.url("/testol"), "--allow-private", "--write")
    gone = refused(config, site.url("/gone"), "--allow-private", "--write")

    assert (blocked[0], gone[0]) == (1, 1)
    assert f"{site.url('/testol')}: blocked: " in blocked[1]
    assert f"{site.url('/gone')}: not_found: " in gone[1]


def test_a_reader_that_does_not_understand_the_page_is_refused(config, site):
    site.page("/testol", AGENCY)

    wrong = refused(config, site.url("/testol"), "--allow-private", "--reader", "ema_feed")
    unknown = refused(config, site.url("/testol"), "--allow-private", "--reader", "rss")

    assert (wrong[0], unknown[0]) == (1, 1)
    assert "wrong_page" in wrong[1]
    assert "there is no reader 'rss'" in unknown[1]


def test_a_page_that_only_looks_like_a_known_one_says_why_it_is_not_taken_for_it(config, site):
    site.page("/a", AGENCY.replace("Status", "Name of medicine"))

    done = add(config, site.url("/a"), "--allow-private")

    assert "reader: generic" in done.stdout
    assert "it bears 'Name of medicine', but is not understood: ema_medicine_page@" in done.stderr


def test_a_private_page_has_to_be_asked_for_as_such(config, site):
    site.page("/testol", AGENCY)

    code, _said = refused(config, site.url("/testol"))

    assert code == 1
    assert site.requests == []


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (["nowhere.html"], 1, "nowhere.html is neither a file nor a folder"),
        (["https://a.eu/", "--url", "https://b.eu/"], 2, "--url"),
        (["ftp://a.eu/"], 1, "is neither a file nor a folder"),
    ],
)
def test_a_page_that_cannot_be_had_is_told(config, words, code, said):
    found = refused(config, *words)

    assert found[0] == code
    assert said in found[1]


def test_an_id_that_is_none_is_told_before_anything_is_written(config, tmp_path):
    page = tmp_path / "saved.html"
    page.write_text(AGENCY, encoding="utf-8")

    code, said = refused(config, str(page), "--id", "My Page", "--write")

    assert code == 2
    assert "sources[My Page].id: expected an id of lower-case letters" in said


def test_an_entry_can_be_had_as_json(config, tmp_path):
    page = tmp_path / "saved.html"
    page.write_text(AGENCY, encoding="utf-8")

    assert json.loads(add(config, str(page), "--json").stdout)["reader"] == "generic"


def test_without_a_subcommand_the_sources_are_listed(config):
    runner = CliRunner()
    with station(config):
        pass  # so that there is a store to read

    listed = runner.invoke(app, ["sources", "--config", str(config), "--json"])
    misplaced = runner.invoke(app, ["sources", "--config", str(config), "add", "x"])

    assert [row["source"] for row in json.loads(listed.stdout)] == ["ema"]
    assert misplaced.exit_code == 2
    assert "belongs behind `add`" in misplaced.stderr
