"""A message says how its reader answers: by links of their own, or by a command."""

from __future__ import annotations

from datetime import UTC, datetime

from kit.happenings import SOURCES, notice, withdrawal
from watcher.core.escalation import Escalation, Had, compose_escalation
from watcher.core.links import ACTIONS, action_links
from watcher.core.message import compose
from watcher.notify.render import render

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
LINKS = action_links("c" * 32, "person:anna", bytes(32), "https://w.example.org/", NOW)


def letter(case, links=None):
    return render(compose(case, why="rule endings", sources=SOURCES, links=links), key="key")


def test_without_links_the_message_names_the_command():
    told = letter(withdrawal())

    assert "watcher acknowledge 6ba13958ebf1\n" in told.text
    assert "watcher acknowledge 6ba13958ebf1" in told.html
    assert "/act/" not in told.text + told.html


def test_with_links_each_action_has_its_own_in_text_and_in_html():
    told = letter(withdrawal(), LINKS)

    for action in ACTIONS:
        assert f"{LINKS[action]}\n" in told.text, "whole, on a line of its own"
        assert f'href="{LINKS[action]}"' in told.html
        assert f">{LINKS[action]}<" not in told.html, "in HTML its name is read, not its address"
    assert "watcher acknowledge" not in told.text


def test_what_is_about_watching_itself_is_acknowledged_and_not_judged():
    told = letter(notice("source.blocked", reason="a wall"), LINKS)

    assert LINKS["acknowledge"] in told.text
    assert LINKS["irrelevant"] not in told.text
    assert LINKS["wrong"] not in told.text


def test_an_escalation_names_a_dozen_who_had_it_and_counts_the_rest():
    had = tuple(Had(name=f"Person {at}") for at in range(20))
    told = compose_escalation(Escalation(case=withdrawal(), since="", had=had))

    reason = told.marks[0].reason
    assert reason.startswith(
        "Nobody has acknowledged this. It was told to Person 0 (not delivered)"
    )
    assert reason.endswith("Person 11 (not delivered), and 8 more.")


def test_an_escalation_says_since_when_who_had_it_and_whose_it_is():
    had = (Had(name="Anna", delivered_at="2026-11-22T06:30:00Z"),)
    told = compose_escalation(
        Escalation(case=withdrawal(), since="2026-11-22T06:21:07Z", had=had, assigned_to="Ben")
    )

    reason = told.marks[0].reason
    assert told.subject.startswith("ESCALATED ")
    assert reason.startswith("Nobody has acknowledged this since 22 November 2026, 06:21 UTC.")
    assert "Anna (delivered 22 November 2026, 06:30 UTC)" in reason
    assert reason.endswith("It was given to Ben, who has not acknowledged it.")


def test_an_escalation_that_nobody_had_before_names_nobody():
    told = compose_escalation(Escalation(case=withdrawal(), since="", had=()))

    assert told.marks[0].reason == "Nobody has acknowledged this."
