"""`watcher add`: one more medicine, looked up; every other byte of the file stays."""

from __future__ import annotations

import json

import pytest
from typer.testing import CliRunner

from kit.catalogues import table
from kit.ema_site import PAGE, TABLE, ema_site
from watcher.cli.common import configuration
from watcher.cli.main import app
from watcher.core.watch_list import WatchList

SOURCES = """# ours
contact: "mailto:pv@hospital.eu"
hosts: {{127.0.0.1: {{pace: 0s}}}}
sources:
  - id: table   # the table
    reader: ema_medicines
    url: {url}
    every: 12h
    tier: 1
    allow_private: true
{more}
# behind everything
"""
LIST = """
watch_lists:
  - id: mine
    products:
      - Medicine 2   # the first
channels: [{id: files, url: "folder:messages"}]
rules: [{id: mine, watch_list: mine, channels: [files]}]
"""
FOLLOW = """
  - {id: pages, reader: ema_medicine_page, follow: {source: table, where: watched}, tier: 1,
     allow_private: true}
"""


@pytest.fixture
def site():
    with ema_site() as site:
        yield site


@pytest.fixture
def bulk(tmp_path):
    path = tmp_path / "medicines.json"
    path.write_text(table(), encoding="utf-8")
    return ("--bulk", str(path))


def a_file(tmp_path, more, url="http://127.0.0.1:8000/a.json"):
    path = tmp_path / "sources.yaml"
    path.write_text(SOURCES.format(url=url, more=more), encoding="utf-8")
    return path


def add(path, *words, code=0):
    done = CliRunner().invoke(app, ["add", *words, "--config", str(path)], env={"COLUMNS": "200"})
    assert done.exit_code == code, done.output
    return done


def lines_added(path, before):
    """What the file has now and had not; everything it had is there still, in order."""
    old, new = before.splitlines(), path.read_text(encoding="utf-8").splitlines()
    left = iter(new)
    assert all(line in left for line in old), "a line was lost or moved"
    return [line for line in new if line not in old]


def test_a_medicine_goes_onto_the_list_that_takes_it_with_a_comment_and_its_page(tmp_path, site):
    path = a_file(tmp_path, LIST, site.table)
    before = path.read_text(encoding="utf-8")

    done = add(path, "alofisel")

    added = lines_added(path, before)
    assert "      - EMEA/H/C/004258  # Alofisel (darvadstrocel)" in added
    assert f"    url: {site.url(PAGE)}" in added
    assert "+      - EMEA/H/C/004258" in done.stdout
    assert f"{site.url(PAGE)}: ok: the baseline is taken" in done.stderr
    config = configuration(path)
    assert config.watch_lists[0].products == ("Medicine 2", "EMEA/H/C/004258")
    assert [source.id for source in config.sources] == ["table", "ema-alofisel"]
    assert len(site.asked(TABLE)) == 1


def test_added_once_more_nothing_changes(tmp_path, site):
    path = a_file(tmp_path, LIST, site.table)
    add(path, "alofisel")
    before = path.read_bytes()

    done = add(path, "H-C-4258")

    assert "is watched already; nothing was changed" in done.stderr
    assert path.read_bytes() == before


def test_a_dry_run_shows_the_difference_and_changes_nothing(tmp_path, bulk):
    path = a_file(tmp_path, LIST)
    before = path.read_bytes()

    told = json.loads(add(path, "alofisel", "--dry-run", "--json", *bulk).stdout)

    assert told["added"] == "EMEA/H/C/004258"
    assert not told["written"]
    assert "+      - EMEA/H/C/004258" in told["difference"]
    assert path.read_bytes() == before


def test_where_pages_are_followed_no_source_is_added(tmp_path, site):
    path = a_file(tmp_path, FOLLOW + LIST, site.table)

    done = add(path, "alofisel")

    assert [source.id for source in configuration(path).sources] == ["table", "pages"]
    assert "ok: the baseline is taken" in done.stderr
    assert len(site.asked(PAGE)) == 1


def test_a_list_in_brackets_takes_one_more_too(tmp_path, bulk):
    lists = LIST.replace("products:\n      - Medicine 2   # the first", 'products: ["Medicine 2"]')
    path = a_file(tmp_path, lists)

    add(path, "alofisel", "--no-page", *bulk)

    assert 'products: ["Medicine 2", EMEA/H/C/004258]' in path.read_text(encoding="utf-8")


def test_a_substance_gets_a_list_and_a_rule_of_its_own(tmp_path, bulk):
    rules = "rules:\n  - {id: mine, watch_list: mine, channels: [files]}"
    path = a_file(tmp_path, LIST.partition("rules:")[0] + rules)
    before = path.read_text(encoding="utf-8")

    add(path, "imatinib", *bulk)

    assert lines_added(path, before) == [
        "  - id: my-substances",
        "    title: My substances",
        "    substances:",
        "      - imatinib",
        "  - {id: my-substances, watch_list: my-substances, least: normal, channels: [files]}",
    ]
    assert configuration(path).watch_lists[-1] == WatchList(
        id="my-substances", title="My substances", substances=("imatinib",)
    )


def test_a_file_without_lists_and_rules_gets_its_first(tmp_path, bulk):
    path = a_file(tmp_path, 'channels: [{id: files, url: "folder:messages"}]\n')
    before = path.read_text(encoding="utf-8")

    add(path, "alofisel", "--no-page", *bulk)

    assert path.read_text(encoding="utf-8").startswith(before)
    config = configuration(path)
    assert [rule.watch_list.id for rule in config.rules] == ["my-products"]


def test_a_list_with_another_filter_is_not_the_one(tmp_path, bulk):
    path = a_file(tmp_path, LIST.replace("  - id: mine\n", "  - id: mine\n    atc: [X]\n"))

    done = add(path, "alofisel", "--dry-run", "--no-page", *bulk, code=2)

    assert "stands in brackets" in done.stderr, "the rules of this file do"


@pytest.mark.parametrize(
    ("asked", "words", "code", "told"),
    [
        ("alofizel", (), 1, "nearly so: Alofisel"),
        ("product:imatinib", (), 1, "Give a product number"),
        ("alofisel", ("--list", "yours"), 1, "no watch list 'yours' takes products alone"),
        ("imatinib", ("--tell", "nobody"), 1, "there is nobody 'nobody'"),
    ],
)
def test_what_is_not_clear_is_refused_and_nothing_is_written(
    tmp_path, bulk, asked, words, code, told
):
    path = a_file(tmp_path, LIST)
    before = path.read_bytes()

    assert told in add(path, asked, *words, *bulk, code=code).stderr
    assert path.read_bytes() == before


def test_beside_the_running_service_it_is_written_and_says_what_is_left_to_do(tmp_path, site):
    from watcher.bootstrap import SystemClock, World, opened, wait  # noqa: PLC0415

    path = a_file(tmp_path, LIST, site.table)
    with opened(configuration(path), World(clock=SystemClock(), sleep=wait), writable=True) as here:
        here.check(here.source("table"), site.table)
        done = add(path, "alofisel")

    assert "restart it, and it takes the first look" in done.stderr
    assert "EMEA/H/C/004258" in path.read_text(encoding="utf-8")
