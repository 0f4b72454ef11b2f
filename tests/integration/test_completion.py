"""What a shell is answered while somebody types: quickly, and only what exists here."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys

import pytest
from typer.testing import CliRunner

from kit.ema_site import ema_site
from kit.process import PROGRAM
from kit.station import settings, station
from watcher.cli.completion import answer
from watcher.cli.main import app


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A watcher with a source, a channel, a list and a few medicines."""
    folder = tmp_path_factory.mktemp("completion")
    with ema_site() as site:
        path = settings(
            folder,
            [
                {
                    "id": "ema-table",
                    "title": "EMA, table",
                    "reader": "ema_medicines",
                    "url": site.table,
                }
            ],
            channels={"pv-team": "folder:messages"},
            watch_lists=[{"id": "mine", "products": ["Alofisel"]}],
        )
        with station(path) as here:
            here.look()
    return folder


@pytest.fixture
def complete(folder):
    environment = {
        "WATCHER_CONFIG": str(folder / "sources.yaml"),
        "XDG_CACHE_HOME": str(folder / "cache"),
    }

    def complete(*words, told="bash"):
        return answer(told, words, environment).splitlines()

    return complete


@pytest.mark.parametrize(
    ("words", "wanted"),
    [
        (("he",), ["held"]),
        (("rules", "e"), ["explain"]),
        (("check", ""), ["ema-table"]),
        (("check", "x"), []),
        (("check", "ema-table", ""), []),
        (("test-channel", "p"), ["pv-team"]),
        (("add", "--list", "m"), ["mine"]),
        (("history", "alo"), ["Alofisel"]),
        (("history", "'Imatinib A"), ["Imatinib Accord"]),
        (("timeline", "darva"), ["darvadstrocel"]),
        (("events", "--type", "authorisation.withdrawn"), ["authorisation.withdrawn"]),
        (("history", "--json", "Alo"), ["Alofisel"]),
        (("completion", "f"), ["fish"]),
        (("read", "page.html", "--reader", "medp"), ["medpath_approval"]),
        (("doctor", "--off"), ["--offline"]),
        (("no-such-command", "x", ""), []),
    ],
)
def test_what_may_stand_there_is_answered(complete, words, wanted):
    assert complete(*words) == wanted


def test_each_shell_is_told_in_its_own_way(complete):
    assert complete("check", "", told="zsh") == ["ema-table:EMA, table"]
    assert complete("check", "", told="fish") == ["ema-table\tEMA, table"]


def test_a_configuration_in_the_line_is_the_one_that_is_read(complete, tmp_path):
    other = tmp_path / "other.yaml"
    other.write_text("sources:\n  - id: another\n", encoding="utf-8")

    assert complete("check", "--config", str(other), "") == ["another"]
    other.write_text("sources: [", encoding="utf-8")
    assert complete("check", "-c", str(other), "") == []
    assert complete("check", "-c", str(tmp_path / "none.yaml"), "") == []


def test_it_answers_without_loading_a_command(folder, complete):
    complete("x")
    script = (
        "import sys, watcher.cli.start as entry\n"
        "sys.argv = ['watcher', 'history', 'alo']\n"
        "entry.main()\n"
        "heavy = {'typer', 'rich', 'sqlalchemy', 'httpx', 'apprise', 'selectolax', 'msgspec'}\n"
        "assert not heavy & set(sys.modules), heavy & set(sys.modules)\n"
    )
    environment = {
        "PATH": os.environ["PATH"],
        "XDG_CACHE_HOME": str(folder / "cache"),
        "WATCHER_CONFIG": str(folder / "sources.yaml"),
        "WATCHER_COMPLETE_FOR": "bash",
    }

    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=False, env=environment
    )

    assert done.stderr == ""
    assert done.stdout == "Alofisel\n"


def test_commands_that_have_changed_are_learned_anew(folder, complete):
    complete("x")
    (kept,) = (folder / "cache" / "watcher").glob("completion-*.json")
    kept.write_text('{"options": [], "arguments": [], "commands": {}}', encoding="utf-8")
    assert complete("he") == []
    kept.write_text("damaged", encoding="utf-8")

    assert complete("he") == ["held"]


SHELLS = {
    "bash": "source {script}; COMP_WORDS=(watcher history 'Imatinib A'); COMP_CWORD=2; "
    "_watcher_completion; printf '%s\\n' \"${{COMPREPLY[@]}}\"",
    "fish": "source {script}; complete -C 'watcher history Imatinib\\ A'",
    "zsh": "autoload -U compinit; compinit -D -u; source {script}; "
    "_describe() {{ print -l -- $found }}; words=(watcher history 'Imatinib A'); CURRENT=3; "
    "_watcher",
}


@pytest.mark.parametrize("shell", SHELLS)
def test_a_real_shell_completes_with_the_script_that_is_printed_for_it(shell, folder, tmp_path):
    program = shutil.which(shell)
    if program is None:
        pytest.skip(f"{shell} is not installed")
    printed = CliRunner().invoke(app, ["completion", shell])
    script = tmp_path / "script"
    script.write_text(printed.stdout, encoding="utf-8")
    environment = {
        "PATH": f"{PROGRAM.parent}:{os.environ['PATH']}",
        "HOME": str(tmp_path),
        "XDG_CACHE_HOME": str(folder / "cache"),
        "WATCHER_CONFIG": str(folder / "sources.yaml"),
    }

    done = subprocess.run(
        [program, "-c", SHELLS[shell].format(script=script)],
        capture_output=True,
        text=True,
        check=False,
        env=environment,
        stdin=subprocess.DEVNULL,
    )

    first = done.stdout.splitlines()[:1]
    assert [line.replace("\\", "").partition(":")[0].partition("\t")[0] for line in first] == [
        "Imatinib Accord"
    ], done.stderr
