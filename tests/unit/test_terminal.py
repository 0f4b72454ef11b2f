"""What is printed for people: a page's words never colour, link or steer the terminal."""

from __future__ import annotations

import pytest

from watcher.cli.common import say
from watcher.cli.printing import escaped, table

ATTACKS = {
    "escape sequence": "\x1b]8;;http://evil.example\x07click\x1b]8;;\x07",
    "clear screen": "\x1b[2J\x1b[H",
    "eight-bit": "\x9b2J",
    "direction": "\u202egnp.exe",
    "link": "[link=http://evil.example]EMA[/link]",
    "behind a backslash": r"\[link=http://evil.example]EMA[/link]",
    "colour": "[bold red]CRITICAL[/]",
    "unbalanced": "[/red]",
    "action": "[@click=app.quit]x[/]",
}


@pytest.mark.parametrize("attack", ATTACKS.values(), ids=ATTACKS)
def test_an_escaped_cell_shows_what_stands_there(attack, capsys, monkeypatch):
    monkeypatch.setenv("FORCE_COLOR", "1")
    table("", ("a",), [(escaped(attack),)])

    shown = capsys.readouterr().out
    assert not {"\x1b]8", "\x1b[2J", "\x9b", "\u202e"} & set(_pieces(shown))
    if attack.startswith("["):
        assert attack in shown


@pytest.mark.parametrize("attack", ATTACKS.values(), ids=ATTACKS)
def test_a_cell_nobody_escaped_cannot_lead_elsewhere_either(attack, capsys, monkeypatch):
    monkeypatch.setenv("FORCE_COLOR", "1")
    table("", ("a",), [(attack,)])

    shown = capsys.readouterr().out
    assert not {"\x1b]8", "\x1b[2J", "\x9b", "\u202e"} & set(_pieces(shown))


@pytest.mark.parametrize("attack", ATTACKS.values(), ids=ATTACKS)
def test_what_is_said_on_stderr_is_plain(attack, capsys):
    say(f"ema: {attack}")

    assert all(line.isprintable() for line in capsys.readouterr().err.split("\n"))


def _pieces(shown: str) -> list[str]:
    return [piece for piece in ("\x1b]8", "\x1b[2J", "\x9b", "\u202e") if piece in shown]
