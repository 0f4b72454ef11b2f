"""The commands that ask about time, as a person uses them."""

from __future__ import annotations

import json

import pytest
from typer.testing import CliRunner

from kit.clocks import StandingClock
from kit.faulty_server import FaultyServer
from kit.station import settings, station
from watcher.cli.main import app
from watcher.demo.story import SCENES

EPAR = "/en/medicines/human/EPAR/alofisel"


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A watcher that read Alofisel's page in 2018, 2019 and, withdrawn, in January 2025."""
    folder = tmp_path_factory.mktemp("time")
    with FaultyServer() as site, pytest.MonkeyPatch.context() as here:
        here.chdir(folder)
        source = {"id": "ema", "title": "EMA", "reader": "ema_medicine_page", "url": site.url(EPAR)}
        path = settings(folder, [source], channels={"f": "folder:messages"})
        clock = StandingClock(SCENES[0].at)
        with station(path, clock) as watching:
            for number in (0, 2, 6):
                site.page(EPAR, SCENES[number].body)
                watching.look(after=(SCENES[number].at - clock.now()).total_seconds())
    return folder


@pytest.fixture
def run(folder, monkeypatch):
    monkeypatch.chdir(folder)

    def run(*words, code=0):
        done = CliRunner().invoke(app, [*words])
        assert done.exit_code == code, done.output
        return done

    return run


def status(run, *words):
    (known,) = json.loads(run("replay", "--product", "Alofisel", "--json", *words).stdout)
    return known["status"]


def test_the_past_is_asked_for_on_one_axis_or_on_two(run):
    assert status(run) == "withdrawn"
    assert status(run, "--position", "1") == "authorised"
    assert status(run, "--as-of", "position:2") == "authorised"
    assert status(run, "--as-of", "2024-12-31") == "authorised"
    effective = ("--axis", "effective", "--as-of", "2024-12-31")
    assert status(run, *effective) == "withdrawn"
    assert status(run, *effective, "--known-at", "2025-02-01") == "withdrawn"
    assert status(run, *effective, "--known-at", "2025-01-01") == "authorised"
    assert status(run, *effective, "--known-at", "position:3") == "authorised"
    assert status(run, "--axis", "recorded", "--as-of", "2025-01-20") == "authorised"


def test_a_memo_changes_no_answer(run):
    before = run("replay", "--json").stdout
    assert "a memo of every stream" in run("replay", "--memo").stderr
    assert "already" in run("replay", "--memo").stderr

    assert run("replay", "--json").stdout == before
    assert "equal" in run("replay", "--rebuild").stderr
    assert "a memo of every stream" in run("replay", "--memo").stderr, "rebuilding drops them"


def test_what_cannot_be_meant_is_refused_with_the_reason(run):
    for words, reason in (
        (("replay", "--as-of", "position:x"), "no place in the log"),
        (("replay", "--known-at", "2025-01-01", "--position", "1"), "leave it out"),
        (("replay", "--axis", "recorded", "--known-at", "2025-01-01"), "leave it out"),
        (("diff", "--between", "2025-01-01", "2024-01-01"), "change them round"),
        (("diff", "--between", "position:1", "2024-01-01"), "not one of each"),
        (("diff", "--between", "position:3", "position:1"), "change them round"),
        (("diff", "--between", "then", "now"), "neither a day"),
    ):
        said = " ".join(run(*words, code=2).stderr.replace("│", " ").split())
        assert reason in said, words
    assert "its last is" in run("replay", "--position", "99", code=1).stderr
    assert "nothing is known of" in run("timeline", "Nobody", code=1).stderr


def test_what_changed_between_two_days_is_told_from_to(run):
    told = run("diff", "--between", "2024-01-01", "2025-02-01")

    assert "Alofisel (darvadstrocel)" in told.stdout
    assert "EU authorisation, status" in told.stdout
    assert "Authorised → Withdrawn" in told.stdout
    assert "1 subject changed; 1 authorisation.withdrawn" in told.stderr
    found = json.loads(run("diff", "--between", "2024-01-01", "2025-02-01", "--json").stdout)
    facts = {
        fact["path"]: (fact["before"], fact["after"]) for fact in found["subjects"][0]["facts"]
    }
    assert facts["authorisation[EU].status"] == ("authorised", "withdrawn")
    assert "first read" in run("diff", "--between", "2017-01-01", "2018-12-31").stdout


def test_the_exit_code_tells_of_changes_only_when_asked_as_git_does(run):
    changed, quiet = ("2024-01-01", "2025-02-01"), ("2020-01-01", "2021-01-01")

    run("diff", "--between", *changed)
    run("diff", "--between", *changed, "--exit-code", code=1)
    assert "nothing changed" in run("diff", "--between", *quiet, "--exit-code").stderr


def test_a_life_line_is_printed_written_and_as_json(run, tmp_path):
    page, picture = tmp_path / "alofisel.html", tmp_path / "alofisel.svg"
    printed = run("timeline", "Alofisel").stdout
    run("timeline", "alofisel", "--html", str(page), "--svg", str(picture))
    known = json.loads(run("timeline", "EMEA/H/C/004258", "--json").stdout)

    assert "\x1b" not in printed
    assert "2024-12-13  EU  Withdrawn" in printed
    assert "▲" in printed
    assert "<h1>Alofisel <span>(darvadstrocel)</span></h1>" in page.read_text(encoding="utf-8")
    assert picture.read_text(encoding="utf-8").startswith("<svg ")
    assert [step["status"] for step in known["lanes"][0]["steps"]] == [
        "opinion",
        "authorised",
        "withdrawn",
    ]


def test_a_life_line_is_drawn_as_it_was_known(run):
    then = run("timeline", "Alofisel", "--as-of", "2024-12-31").stdout

    assert "as known on 2024-12-31" in then
    assert "Withdrawn" not in then


def test_a_page_that_cannot_be_written_is_told(run, tmp_path):
    done = run("timeline", "Alofisel", "--html", str(tmp_path / "no" / "page.html"), code=1)

    assert "cannot be written" in done.stderr
