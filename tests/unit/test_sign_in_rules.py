"""How long a session lasts, how long one who fails waits, and which passwords are passwords."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from watcher.core.sign_in import FREE, LONGEST_WAIT, NAME, Limits, wait_after, why_not

BEGUN = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
LIMITS = Limits(idle=3_600, absolute=4 * 3_600)


@pytest.mark.parametrize(
    ("seen", "now", "is_over"),
    [
        (0, 60, False),
        (0, 61, True),
        (60, 120, False),
        (200, 240, False),
        (239, 241, True),
    ],
)
def test_a_session_ends_when_it_is_not_used_and_in_any_case(seen, now, is_over):
    at = [BEGUN + timedelta(minutes=minutes) for minutes in (0, seen, now)]

    assert LIMITS.is_over(*at) is is_over


def test_to_mistype_costs_nothing_and_to_go_on_costs_more_each_time():
    waits = [wait_after(failures, FREE).total_seconds() for failures in range(1, 20)]

    assert waits[: FREE - 1] == [0] * (FREE - 1)
    assert waits[FREE - 1 : FREE + 3] == [1, 2, 4, 8]
    assert waits == sorted(waits)
    assert waits[-1] == LONGEST_WAIT.total_seconds()
    assert wait_after(10_000, FREE) == LONGEST_WAIT


def test_a_day_of_guessing_is_a_hundred_guesses():
    assert timedelta(days=1) / LONGEST_WAIT < 100


@pytest.mark.parametrize(
    ("password", "said"),
    [
        ("eleven char", "12 characters at least"),
        ("x" * 257, "256 characters at most"),
        ("aaaaaaaaaaaaaaaa", "too easy"),
        ("ababababababababab", "too easy"),
        ("Anna.Visser and more", "too easy"),
        ("four plain words here", ""),
        ("ein Satz mit Ümlauten", ""),
    ],
)
def test_a_password_is_long_and_not_the_name(password, said):
    assert said in why_not(password, "anna.visser")
    assert bool(said) == bool(why_not(password, "anna.visser"))


@pytest.mark.parametrize("name", ["anna", "a.visser", "anna@hospital.eu", "7", "a" * 64])
def test_names_that_can_be(name):
    assert NAME.fullmatch(name)


@pytest.mark.parametrize("name", ["", "Anna", "a b", ".a", "a" * 65, "änna", "a\n", "a/b", "<b>"])
def test_names_that_cannot_be(name):
    assert not NAME.fullmatch(name)
