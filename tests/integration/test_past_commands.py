"""The commands that read the past, as people and machines use them: `import` and `reread`."""

from __future__ import annotations

import json
import tarfile

import pytest
from typer.testing import CliRunner

from kit.archives import written
from kit.bulk import row, withdrawn
from kit.station import settings
from watcher.cli.main import app
from watcher.demo.story import SCENES

TABLE = "https://ema.example/en/documents/report/medicines.json"
PAGES = [f"https://ema.example/en/medicines/human/EPAR/{name}" for name in ("alofisel", "other")]
BEFORE = [row(number) for number in range(1, 7)]
AFTER = [withdrawn(1), *BEFORE[1:]]
YEARS = {"2019-01-01_m.json": BEFORE, "2020-01-01_m.json": BEFORE, "2021-01-01_m.json": AFTER}


@pytest.fixture
def room(tmp_path, monkeypatch):
    """A folder with a configuration of a table and of two pages, and nothing else."""
    sources = [
        {"id": "table", "reader": "ema_medicines", "url": TABLE, "title": "EMA, the table"},
        {"id": "pages", "reader": "ema_medicine_page", "urls": PAGES, "title": "EMA, pages"},
    ]
    rules = [{"id": "all", "channels": ["pv"]}]
    settings(tmp_path, sources, channels={"pv": "folder:sent"}, rules=rules)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def command(*words, code=0):
    done = CliRunner(env={"COLUMNS": "200"}).invoke(app, [*map(str, words)])
    assert done.exit_code == code, done.output
    return done


def as_json(*words, code=0):
    return json.loads(command(*words, "--json", code=code).stdout)


def test_years_imported_backwards_are_history_that_no_one_was_told(room):
    for path in reversed(written(room / "files", YEARS)):
        said = command("import", "table", path).stderr

    assert "2019-01-01_m.json: 6 subjects read for the first time" in said
    assert "3 looks in their order: 6 events added, 6 count no longer, 0 count again" in said
    history = as_json("history", "medicine 1")
    assert [(each["event"]["type"], each["cause"]) for each in history][:2] == [
        ("fact.recorded", "baseline"),
        ("authorisation.withdrawn", "imported"),
    ]
    assert history[0]["provenance"]["observed_at"][:10] == "2019-01-01"
    assert history[1]["provenance"]["observed_at"][:10] == "2021-01-01"
    every = as_json("history", "medicine 1", "--all")
    assert [each["counts"] for each in every].count(False) == len(every) - len(history) > 0
    assert "set aside" in command("history", "medicine 1", "--all").stdout
    assert as_json("alerts") == []
    assert not (room / "sent").exists()
    rebuilt = as_json("replay", "--rebuild")
    assert rebuilt["before"] == rebuilt["after"]
    command("verify")


def test_a_folder_a_tar_and_what_is_known_already(room):
    paths = written(room / "files" / "of years", YEARS)
    packed = room / "years.tar.gz"
    with tarfile.open(packed, "w:gz") as out:
        for path in paths:
            out.add(path, arcname=path.name)

    first = as_json("import", "table", room / "files")
    again = command("import", "table", packed)

    assert [each["capture"]["verdict"] for each in first] == ["ok"] * 3
    assert again.stderr.count("known already, nothing was done") == 3


def test_each_folder_is_the_page_of_its_name_and_of_no_other(room):
    def scenes(name):
        folder = room / "versions" / name
        folder.mkdir(parents=True)
        for number, scene in enumerate(SCENES):
            page = folder / f"{scene.at:%Y-%m-%dT%H%M}_{number}.html"
            page.write_text(scene.body, "utf-8")

    scenes("alofisel")
    done = as_json("import", "pages", room / "versions", code=1)
    assert {each["capture"]["url"] for each in done} == {PAGES[0]}
    assert [each["capture"]["verdict"] for each in done].count("maintenance") == 1
    scenes("nobody")
    refused = command("import", "pages", room / "versions", code=1)
    assert "say which it is with --url" in refused.stderr


def test_a_file_that_is_no_list_is_doubted_and_ends_with_1(room):
    (path,) = written(room, {"2019-01-01_m.json": BEFORE})
    path.write_text("<html><body>Sorry, this page is unavailable for now.</body></html>")

    assert "2019-01-01_m.json: " in command("import", "table", path, code=1).stderr
    assert as_json("events") == []


def test_rereading_tells_what_would_change_and_leaves_what_was_done(room):
    command("import", "table", *written(room / "files", YEARS))

    tried = as_json("reread", "--dry-run", "--source", "table")
    assert (tried["written"], [each["looks"] for each in tried["targets"]]) == (False, [3])
    done = as_json("reread", "--since", "2021-01-01", "--until", "2021-01-01")
    assert [each["urls"] for each in done["targets"]] == [[TABLE]]
    assert "0 looks of 0 groups" in command("reread").stderr
    assert "3 looks of 1 groups of targets read anew: 0 have" in command("reread", "--all").stderr
    assert "there is no source 'x'" in command("reread", "--source", "x", code=1).stderr
