"""The manual page `man/watcher.1`, made of the commands themselves: `make man` writes it anew."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import typer

import watcher
from watcher.cli.main import app

PAGE = Path(__file__).resolve().parents[2] / "man" / "watcher.1"
_LEFT_OUT = frozenset({"help", "install_completion", "show_completion"})

_FILES = (
    ("sources.yaml", "The configuration: what is looked at, whom it tells, and of what."),
    (".env", "Beside it: secrets, a line NAME=value each, readable by their owner alone."),
    ("data/watcher.db", "The event log, by default beside the configuration."),
    ("snapshots/", "Every payload that was ever seen, once, by its digest."),
)
_ENVIRONMENT = (
    ("WATCHER_CONFIG", "The configuration, where --config does not say."),
    ("WATCHER_USER", "Who decides, where --as does not say; else the login name."),
    ("NAME, NAME_FILE, CREDENTIALS_DIRECTORY", "What ${NAME} in the configuration stands for."),
    ("NO_COLOR", "Print without colours."),
)
_EXIT = (
    ("0", "Done."),
    ("1", "A look, a delivery or a search found nothing good."),
    ("2", "The command or the configuration cannot be used as written."),
    ("3", "The history would become wrong, or another process writes to it."),
)


def page() -> str:
    """Return the whole page."""
    return "".join(f"{line}\n" for line in _lines())


def _lines() -> Iterator[str]:
    root = typer.main.get_command(app)
    yield '.\\" Made by `make man` from the commands themselves; do not edit.'
    yield f'.TH WATCHER 1 "" "watcher {watcher.__version__}" "User Commands"'
    yield ".SH NAME"
    yield "watcher \\- learn of a withdrawn medicine once, in time, and with the evidence"
    yield ".SH SYNOPSIS"
    yield ".B watcher"
    yield ".I COMMAND"
    yield "[\\fIOPTIONS\\fR]"
    yield ".SH DESCRIPTION"
    yield from _text(root.help or "")
    yield ".PP"
    yield "Begin with"
    yield '.BR "watcher init" ;'
    yield ".B watcher doctor"
    yield "says whether all is well."
    yield ".SH COMMANDS"
    for name, command in sorted(root.commands.items()):
        yield from _command(f"watcher {name}", command)
    yield from _table("FILES", _FILES)
    yield from _table("ENVIRONMENT", _ENVIRONMENT)
    yield from _table("EXIT STATUS", _EXIT)
    yield ".SH NOTES"
    yield "EU regulatory information originates from the European Medicines Agency (EMA), which is"
    yield "acknowledged as its source. What this program tells is informational: always check the"
    yield "official source."


def _command(name: str, command: Any) -> Iterator[str]:
    arguments = [each for each in command.params if each.param_type_name == "argument"]
    options = [
        each
        for each in command.params
        if each.param_type_name == "option" and each.name not in _LEFT_OUT and not each.hidden
    ]
    named = ((each.metavar or each.name).strip("{}").upper() for each in arguments)
    words = "".join(f" \\fI{_escaped(name)}\\fR" for name in named)
    parts = getattr(command, "commands", {})
    more = " \\fICOMMAND\\fR" if parts else " [\\fIOPTIONS\\fR]" if options else ""
    yield f'.SS "{_escaped(name)}{words}{more}"'
    yield from _text(command.help or "")
    for option in options:
        yield ".TP"
        value = "" if option.is_flag else f" \\fI{_escaped(_value(option))}\\fR"
        yield f"\\fB{_escaped(', '.join([*option.opts, *option.secondary_opts]))}\\fR{value}"
        yield from _text(option.help or "No more is to be said of it.")
    for part, inner in sorted(parts.items()):
        yield from _command(f"{name} {part}", inner)


def _value(option: Any) -> str:
    """Return what an option takes, in capitals: its metavar, else its own name."""
    return str(option.metavar or option.opts[0].lstrip("-")).upper()


def _table(title: str, rows: tuple[tuple[str, str], ...]) -> Iterator[str]:
    yield f".SH {title}"
    for name, meaning in rows:
        yield ".TP"
        yield f".B {_escaped(name)}"
        yield from _text(meaning)


def _text(text: str) -> Iterator[str]:
    """Yield paragraphs as roff reads them: no line that begins like a request."""
    for number, paragraph in enumerate(re.split(r"\n\s*\n", text.strip())):
        if number:
            yield ".PP"
        line = _escaped(" ".join(paragraph.replace("\b", "").split()))
        yield f"\\&{line}" if line[:1] in {".", "'"} else line


def _escaped(text: str) -> str:
    escaped = text.replace("\\", "\\e").replace("-", "\\-").replace('"', "\\(dq")
    escaped = escaped.replace("`", "\\(ga").replace("^", "\\(ha").replace("~", "\\(ti")
    return "".join(mark if mark.isascii() else f"\\[u{ord(mark):04X}]" for mark in escaped)


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
    sys.stdout.write(f"{PAGE} is written\n")
