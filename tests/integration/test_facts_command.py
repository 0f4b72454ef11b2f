"""What all sources say of one medicine, side by side, as a person asks for it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from kit.faulty_server import FaultyServer
from kit.station import settings, station
from watcher.cli.main import app

GOLDEN = Path(__file__).resolve().parents[1] / "golden"
PAGES = {
    "medpath": ("medpath_approval", 3, GOLDEN / "medpath_approval" / "withdrawn_text.txt"),
    "wiki": ("encyclopedia", 4, GOLDEN / "encyclopedia" / "withdrawn_text.txt"),
    "library": ("research_library", 3, GOLDEN / "research_library" / "two_topics_text.txt"),
}


def looked_at(folder, pages):
    """A watcher that looked once at each of these pages, on a server that is gone."""
    with FaultyServer() as site, pytest.MonkeyPatch.context() as here:
        here.chdir(folder)
        sources = []
        for name, (reader, tier, page) in pages.items():
            site.page(f"/{name}", page.read_text("utf-8"), media_type="text/plain; charset=utf-8")
            url = site.url(f"/{name}")
            sources.append({"id": name, "reader": reader, "url": url, "tier": tier})
        path = settings(folder, sources, channels={"f": "folder:messages"})
        with station(path) as watching:
            watching.look()
    return folder


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return looked_at(tmp_path_factory.mktemp("facts"), PAGES)


@pytest.fixture
def run(folder, monkeypatch):
    return runner(folder, monkeypatch)


def runner(folder, monkeypatch):
    monkeypatch.chdir(folder)
    monkeypatch.setenv("COLUMNS", "200")

    def run(*words, code=0):
        done = CliRunner().invoke(app, ["facts", *words])
        assert done.exit_code == code, done.output
        return done

    return run


def answers(done):
    [told] = json.loads(done.stdout)
    return {each["path"]: each for each in told["answers"]}


def test_two_sources_that_speak_of_one_product_are_laid_side_by_side(run):
    [told] = json.loads(run("exemplar", "--json").stdout)

    assert told["name"] == "Exemplar"
    assert list(told["sources"]) == ["medpath", "wiki"]
    brand = next(each for each in told["answers"] if each["path"] == "product.brand_name")
    assert (brand["value"], brand["agreement"]) == ("Exemplar", "corroborated")
    assert brand["by"] == ["medpath", "wiki"]


def test_a_medicine_is_found_by_its_substance_too(run):
    assert answers(run("examplestrocel", "--json")) == answers(run("Exemplar", "--json"))


def test_what_cannot_all_be_so_is_shown_with_all_who_say_it(run):
    everything = answers(run("exemplar", "--json"))
    disputed = {path for path, each in everything.items() if each["agreement"] == "conflict"}
    shown = run("exemplar", "--disputed").stdout

    assert "authorisation[EU].withdrawn.actor" in disputed
    assert "European Medicines Agency (wiki)" in shown
    assert shown.count("conflict") == len(disputed)
    assert "corroborated" not in shown


def test_a_study_that_names_the_product_is_listed_beside_it_and_no_other(run):
    [told] = json.loads(run("exemplar", "--json").stdout)

    assert {each["why"] for each in told["studies"]} <= {"names EX-601", "names examplestrocel"}
    assert sorted(each["title"][:32] for each in told["studies"]) == [
        "A phase 2 trial of cells (EX601)",
        "Long-term safety of examplestroc",
    ]
    assert not any("library" in each["by"] for each in told["answers"])


def test_another_brand_with_the_substance_is_a_product_of_its_own(tmp_path, monkeypatch):
    page = tmp_path / "sequel.txt"
    text = PAGES["medpath"][2].read_text("utf-8")
    page.write_text(
        text.replace("Exemplar", "Sequel").replace("009999", "008888"), encoding="utf-8"
    )
    other = (*PAGES["medpath"][:2], page)
    run = runner(looked_at(tmp_path, {**PAGES, "other": other}), monkeypatch)

    told = json.loads(run("examplestrocel", "--json").stdout)

    assert [(each["name"], [*each["sources"]]) for each in told] == [
        ("Exemplar", ["medpath", "wiki"]),
        ("Sequel", ["other"]),
    ]


def test_before_the_first_look_nothing_was_said(run):
    done = run("exemplar", "--as-of", "2001-01-01", code=1)

    assert "no source said anything of 'exemplar'" in done.output


def test_a_name_that_nobody_knows_is_an_error_that_says_what_to_do(run):
    assert "watcher replay" in run("nonesuch", code=1).output


@pytest.mark.realdata
def test_the_reference_pages_dispute_who_acted_and_when_japan_granted(tmp_path, monkeypatch, seeds):
    (article,), (approval,) = seeds.glob("000*.txt"), seeds.glob("001*.txt")
    pages = {"medpath": (*PAGES["medpath"][:2], approval), "wiki": (*PAGES["wiki"][:2], article)}
    run = runner(looked_at(tmp_path, pages), monkeypatch)

    told = answers(run("darvadstrocel", "--json"))

    assert {path for path, each in told.items() if each["agreement"] == "conflict"} == {
        "authorisation[EU].withdrawn.actor",
        "authorisation[JP].granted",
    }
    assert told["authorisation[EU].withdrawn"]["value"] == "2024-12-13"
    assert told["product.atc_code"]["agreement"] == "refined"
