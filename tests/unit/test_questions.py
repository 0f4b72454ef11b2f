"""Questions at a terminal, and what stands for them where nobody is."""

from __future__ import annotations

import pytest
import typer
from typer.testing import CliRunner

from watcher.cli.questions import Asker


def even(text: str) -> int:
    if not text.isdecimal() or int(text) % 2:
        message = "expected an even number"
        raise ValueError(message)
    return int(text)


def asked(ask, typed):
    """Run `ask` as a command whose user types `typed`; return what it answered and was told."""
    answers = []
    app = typer.Typer()
    app.command()(lambda: answers.append(ask(Asker(is_somebody_there=True))))
    done = CliRunner().invoke(app, input=typed)
    assert done.exit_code == 0, done.output
    return answers[0], done.stderr


def number(default=None, given=""):
    return lambda ask: ask.answer("How many", given, even, flag="--many", default=default)


def test_a_question_is_asked_until_its_answer_is_understood():
    answer, told = asked(number(), "three\n3\n4\n")

    assert answer == 4
    assert told.count("expected an even number") == 2


def test_nothing_typed_is_the_default_and_a_flag_asks_nothing():
    assert asked(number(default="8"), "\n")[0] == 8
    assert asked(number(given="6"), "")[0] == 6


def test_where_nobody_is_the_flag_or_the_default_answers():
    nobody = Asker(is_somebody_there=False)

    assert number(default="2")(nobody) == 2
    assert nobody.agreed("Sure")
    assert nobody.secret("Password") == ""
    with pytest.raises(typer.BadParameter, match="is needed"):
        number()(nobody)
    with pytest.raises(typer.BadParameter, match="even"):
        number(given="5")(nobody)


@pytest.mark.parametrize(
    ("typed", "picked"),
    [
        ("\n", ("a",)),
        ("2\n", ("b",)),
        ("3, 1\n", ("c", "a")),
        ("all\n", ("a", "b", "c")),
        ("none\n", ()),
        ("4\nx\n2 2\n", ("b",)),
    ],
)
def test_one_some_all_or_none_of_several_may_be_meant(typed, picked):
    answer, told = asked(lambda ask: ask.choice("Which", ["a", "b", "c"]), typed)

    assert answer == picked
    assert "  3  c" in told
