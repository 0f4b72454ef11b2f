"""The list of commands is at hand at once, and says what the commands say of themselves."""

from __future__ import annotations

import subprocess
import sys

import pytest
import typer
from typer.testing import CliRunner

from watcher.cli.application import application
from watcher.cli.contents import COMMANDS, page
from watcher.cli.start import modules

IDLE = ("sqlalchemy.dialects.postgresql", "psycopg", "httpx", "apscheduler", "charset_normalizer")
"""What a look at plain pages kept in a file needs none of."""
HEAVY = ("sqlalchemy", "litestar", "httpx", "typer", "rich", "apprise", "selectolax", "msgspec")


def test_the_list_has_every_command_in_its_order_with_its_own_first_sentence():
    group = typer.main.get_command(application())
    own = {
        name: " ".join((command.help or "").partition("\n\n")[0].split())
        for name, command in group.commands.items()
    }

    assert {name: told for name, (_, told) in COMMANDS.items()} == own
    assert list(COMMANDS) == list(own)


@pytest.mark.parametrize("command", COMMANDS)
def test_a_command_is_found_in_the_one_module_that_is_loaded_for_it(command):
    app = application(modules([command, "--help"]))

    done = CliRunner().invoke(app, [command, "--help"])

    assert done.exit_code == 0
    assert "Usage" in done.output


def test_a_word_that_is_no_command_has_all_of_them_loaded_to_say_so():
    assert modules(["chekc"]) == ()
    assert modules(["--version"]) == ()


def told_by(program):
    """What a program in a Python of its own prints."""
    command = [sys.executable, "-c", program]
    return subprocess.run(command, capture_output=True, text=True, check=True, timeout=60).stdout


def test_asking_for_help_loads_none_of_what_the_commands_need():
    program = (
        "import sys, watcher.cli.start as start\n"
        "sys.argv = ['watcher', '--help']\n"
        "try:\n    start.main()\n"
        "except SystemExit as end:\n    assert not end.code\n"
        f"print([name for name in {HEAVY!r} if name in sys.modules])"
    )
    told = told_by(program)

    assert told.splitlines()[-1] == "[]"
    assert "once" in told


def test_looking_once_loads_none_of_what_another_installation_needs():
    program = (
        "import sys, watcher.cli.start as start\n"
        "start.asked_for(['once'])\n"
        f"print([name for name in {IDLE!r} if name in sys.modules])"
    )
    told = told_by(program)

    assert told.splitlines()[-1] == "[]"


def test_no_line_of_the_list_is_wider_than_the_terminal():
    assert max(map(len, page(60).splitlines())) <= 60
    assert max(map(len, page(100).splitlines())) <= 100
