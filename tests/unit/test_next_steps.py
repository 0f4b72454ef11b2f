"""Whatever goes wrong, the last line says what to do next."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
import typer

from watcher import errors
from watcher.cli.common import told_errors
from watcher.cli.main import app
from watcher.errors import ConfigError, Problem, WatcherError

SOURCES = Path(errors.__file__).parent


def kinds(root: type[WatcherError] = WatcherError) -> Iterator[type[WatcherError]]:
    yield root
    for kind in root.__subclasses__():
        if kind.__module__ == errors.__name__:
            yield from kinds(kind)


def commands() -> set[str]:
    """Every command, a group's with its name: `config check`."""
    main = typer.main.get_command(app)
    names = set(main.commands)
    for name, command in main.commands.items():
        names |= {f"{name} {each}" for each in getattr(command, "commands", ())}
    return names


@pytest.mark.parametrize("kind", [*kinds()], ids=lambda kind: kind.__name__)
def test_every_error_that_a_command_shows_ends_with_a_next_step(kind, capsys):
    error = kind.__new__(kind, "it went wrong")
    if isinstance(error, ConfigError):
        error = ConfigError([Problem(file="f", line=1, key="k", message="m")])

    @told_errors
    def command() -> None:
        raise error

    with pytest.raises(typer.Exit) as ended:
        command()

    *_, last = capsys.readouterr().err.splitlines()
    assert ended.value.exit_code in {1, 2, 3}
    assert last == f"next: {kind.next_step}"


def test_a_message_that_names_its_command_is_not_followed_by_another(capsys):
    @told_errors
    def command() -> None:
        message = "nothing is known of x: see `watcher events`"
        raise errors.NotFoundError(message)

    with pytest.raises(typer.Exit):
        command()

    assert capsys.readouterr().err == "nothing is known of x: see `watcher events`\n"


def test_every_command_that_an_error_names_exists():
    named = {
        found
        for file in SOURCES.rglob("*.py")
        for found in re.findall(r"`watcher ([a-z][a-z-]*(?: [a-z]+)?)", file.read_text("utf-8"))
    }

    known = commands()
    unknown = {each for each in named if each not in known and each.split()[0] not in known}
    assert unknown == set()


def test_a_file_that_cannot_be_used_is_told_in_a_line_with_what_to_do(capsys, tmp_path):
    @told_errors
    def command() -> None:
        (tmp_path / "nowhere").read_bytes()

    with pytest.raises(typer.Exit) as ended:
        command()

    assert ended.value.exit_code == 2
    first, last = capsys.readouterr().err.splitlines()
    assert first == f"{tmp_path / 'nowhere'}: No such file or directory"
    assert last.startswith("next: ")
