"""The reference of all commands, made from the program's own help."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import typer

from watcher.cli.main import app

HEAD = """# Every command, argument and option

Made from the program by `make reference`; `watcher COMMAND --help` says the same. In one line each:
[commands](../commands.md).
"""


def reference() -> str:
    """Return the page, in the order of the commands' names."""
    sections = (_section(path, command) for path, command in _leaves("watcher", _root()))
    return "\n".join([HEAD, *sections])


def _root() -> Any:  # Typer keeps the classes of its commands to itself
    return typer.main.get_command(app)


def _leaves(path: str, command: Any) -> Iterator[tuple[str, Any]]:
    below = getattr(command, "commands", {})
    if not below or (command.invoke_without_command and path != "watcher"):
        yield path, command
    for name, each in sorted(below.items()):
        if not each.hidden:
            yield from _leaves(f"{path} {name}", each)


def _section(path: str, command: Any) -> str:
    rows = [_row(each) for each in command.params if each.name != "help"]
    table = ["| argument or option | default | meaning |", "|---|---|---|", *rows, ""]
    said = "\n\n".join(_paragraphs(command.help or ""))
    return "\n".join([f"## `{path}`\n", said, "", *(table if rows else [])])


def _paragraphs(text: str) -> Iterator[str]:
    for paragraph in text.replace("\b", "").split("\n\n"):
        if words := " ".join(paragraph.split()):
            yield _escaped(words)


def _row(parameter: Any) -> str:
    if parameter.param_type_name == "option":
        value = "" if parameter.is_flag else f" {parameter.metavar or '…'}"
        named = (*parameter.opts, *parameter.secondary_opts)
        name = ", ".join(f"`{each}{value}`" for each in named)
    else:
        name = f"`{parameter.metavar or parameter.name.upper()}`"
    default = parameter.default
    is_told = default not in (None, "", False, ()) and not callable(default)
    shown = f"`{getattr(default, 'value', default)}`" if is_told else "–"
    needed = "required; " * bool(parameter.required)
    meaning = _escaped(" ".join((parameter.help or "").split())).replace("|", "\\|")
    return f"| {name} | {shown} | {needed}{meaning} |"


def _escaped(words: str) -> str:
    """Return `words` with what Markdown would take for HTML or a link made harmless."""
    return re.sub(r"(`[^`]*`)|([<\[])", lambda found: found[1] or f"\\{found[2]}", words)
