"""The commands that take things out, as a person types them."""

from __future__ import annotations

import json

import pytest
from typer.testing import CliRunner

from kit.configs import SMALLEST
from kit.exports import a_history, stored
from watcher.cli.main import app
from watcher.core.capture import Capture, Target
from watcher.core.verdict import Verdict
from watcher.store.snapshots import FolderSnapshots

PAGE = "https://www.ema.europa.eu/en/medicines/human/EPAR/alofisel"


@pytest.fixture
def typed(tmp_path):
    """Return how to type a command in a folder with a short history."""
    storage = 'storage: {database: "sqlite:///watcher.db", snapshots: snapshots}\n'
    config = tmp_path / "sources.yaml"
    config.write_text(storage + SMALLEST, encoding="utf-8")
    digest = FolderSnapshots(tmp_path / "snapshots").put(b"<p>Withdrawn</p>")
    at = "2024-12-15T12:00:00.000000Z"
    known = {"source": "ema", "url": PAGE, "at": at, "status": 200, "digest": digest, "size": 16}
    with stored(tmp_path) as store:
        a_history(store)
        with store.writing() as work:
            look = Capture(id="second", verdict=Verdict.OK, final_url=PAGE, **known)
            work.captures.add(look, Target(source="ema", url=PAGE))

    def type_(*words, code=0):
        words = (*words, "--config", str(config))
        done = CliRunner().invoke(app, words, catch_exceptions=False)
        assert done.exit_code == code, done.output
        return done

    return type_


def test_the_log_goes_to_a_pipe_line_by_line(typed):
    lines = [json.loads(line) for line in typed("export", "log").stdout.splitlines()]

    assert [each["record"] for each in lines] == ["about", "event", "event", "end"]


def test_what_was_known_at_the_beginning_is_in_the_record_and_not_in_the_rows(typed):
    assert len(typed("export", "log", "--format", "csv").stdout.splitlines()) == 2
    assert len(typed("export", "log", "--format", "csv", "--baseline").stdout.splitlines()) == 3
    assert len(typed("export", "log", "--no-baseline").stdout.splitlines()) == 3


def test_a_day_means_its_beginning_and_its_end(typed):
    def positions(*words):
        lines = map(json.loads, typed("export", "log", *words).stdout.splitlines())
        return [each["position"] for each in lines if each["record"] == "event"]

    assert positions("--since", "2024-12-15") == [2]
    assert positions("--until", "2024-12-14") == [1]
    assert positions("--since", "2024-12-14T12:00:01Z") == [2]


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (("export", "log", "--since", "yesterday"), "neither a day"),
        (("export", "log", "--format", "xlsx"), "name it with -o"),
    ],
)
def test_a_command_that_cannot_be_used_as_written_says_why(typed, words, expected):
    assert expected in " ".join(typed(*words, code=2).output.replace("│", " ").split())


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (("export", "log", "--source", "nosuch"), "there is no source 'nosuch'"),
        (("export", "log", "--product", "nosuch"), "nothing is known of 'nosuch'"),
        (("export", "dossier", "nosuch", "-o", "x.html"), "nothing is known of 'nosuch'"),
        (("timemap", "https://nosuch.example/"), "no look at https://nosuch.example/ was good"),
    ],
)
def test_what_is_not_there_ends_with_1_and_what_to_do(typed, words, expected):
    assert expected in typed(*words, code=1).output


def test_files_are_written_and_named(typed, tmp_path):
    for words, name in (
        (("export", "log"), "log.jsonl"),
        (("export", "log", "--format", "xlsx"), "log.xlsx"),
        (("export", "log", "--format", "cloudevents-batch"), "log.json"),
        (("export", "captures"), "pages.warc.gz"),
        (("export", "captures", "--source", "ema"), "pages.warc"),
        (("export", "dossier", "alofisel"), "alofisel.html"),
    ):
        path = tmp_path / name
        assert f"written: {path}" in typed(*words, "-o", str(path)).output
        assert path.stat().st_size > 500
    assert (tmp_path / "pages.warc").read_bytes().startswith(b"WARC/1.1")
    assert [*tmp_path.glob(".*")] == []


def test_an_export_of_no_capture_leaves_no_file(typed, tmp_path):
    path = tmp_path / "pages.warc.gz"
    done = typed("export", "captures", "--until", "2001-01-01", "-o", str(path), code=1)

    assert "no capture is of that source and time" in done.output
    assert not path.exists()


def test_a_time_map_is_told_in_both_forms(typed):
    links = typed("timemap", PAGE, "--base", "https://watch.example/memento/").stdout
    told = json.loads(typed("timemap", PAGE, "--json").stdout)

    assert f'<{PAGE}>; rel="original",' in links
    memento = f"<https://watch.example/memento/20241215120000/{PAGE}>"
    assert f'{memento}; rel="first last memento"' in links
    assert told["mementos"]["list"][0]["payload"].startswith("sha256:")
