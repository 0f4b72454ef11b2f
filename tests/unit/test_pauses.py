"""How long an answer makes us leave a host alone."""

from __future__ import annotations

import pytest

from kit.clocks import NOON
from watcher.errors import FetchError
from watcher.fetch.pauses import Manners, Owed, is_fault, pause, retry_after
from watcher.ports import Answer

MANNERS = Manners(failures=3, first_pause=60, longest_pause=1000, jitter=0)


def an_answer(status: int, **headers: str) -> Answer:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return Answer(url="http://x.example/", status=status, headers=named)


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("0", 0),
        ("120", 120),
        (" 120 ", 120),
        ("86401", 86_400),
        ("315360000", 86_400),
        ("9" * 5_000, 86_400),
        ("Sun, 22 Nov 2026 12:05:00 GMT", 300),
        ("Sun, 22 Nov 2026 12:05:00 -0000", 300),
        ("Sunday, 22-Nov-26 12:05:00 GMT", 300),
        ("Sun, 22 Nov 2026 11:00:00 GMT", 0),
        ("Sun, 22 Nov 2099 12:00:00 GMT", 86_400),
        ("", None),
        ("-5", None),
        ("1.5", None),
        ("soon", None),
        ("٣", None),
        ("²", None),
        ("Sun, 99 Nov 2026 12:05:00 GMT", None),
    ],
)
def test_retry_after_is_read_in_both_forms_and_never_beyond_a_day(value: str, seconds: float):
    assert retry_after({"retry-after": value}, NOON) == seconds


def test_a_retry_after_date_counts_from_the_server_s_own_clock():
    headers = {
        "date": "Sun, 22 Nov 2026 20:00:00 GMT",
        "retry-after": "Sun, 22 Nov 2026 20:02:00 GMT",
    }

    assert retry_after(headers, NOON) == 120


@pytest.mark.parametrize(
    ("outcome", "fault"),
    [
        (an_answer(200), False),
        (an_answer(304), False),
        (an_answer(404), False),
        (an_answer(403), True),
        (an_answer(429), True),
        (an_answer(500), True),
        (an_answer(503), True),
        (FetchError("", kind="timeout"), True),
        (FetchError("", kind="connection"), True),
        (FetchError("", kind="too_large"), False),
        (FetchError("", kind="encoding"), False),
    ],
)
def test_a_fault_is_what_speaks_of_the_host_and_not_of_the_page(outcome, fault):
    assert is_fault(outcome) is fault


@pytest.mark.parametrize(
    ("outcome", "failures", "seconds"),
    [
        (an_answer(200), 0, 0),
        (an_answer(500), 1, 0),
        (an_answer(500), 2, 0),
        (an_answer(500), 3, 60),
        (an_answer(500), 4, 120),
        (an_answer(500), 7, 960),
        (an_answer(500), 8, 1000),
        (an_answer(500), 10_000, 1000),
        (FetchError("", kind="timeout"), 3, 60),
        (an_answer(503), 1, 60),
        (an_answer(429), 2, 120),
        (an_answer(429, retry_after="7"), 1, 7),
        (an_answer(429, retry_after="7"), 3, 60),
        (an_answer(429, retry_after="soon"), 1, 60),
        (an_answer(403, retry_after="500"), 1, 500),
        (an_answer(200, retry_after="500"), 0, 0),
    ],
)
def test_a_pause_is_what_the_host_asks_and_grows_while_it_fails(outcome, failures, seconds):
    assert pause(outcome, failures, MANNERS, NOON) == seconds


def test_the_agency_s_pages_are_ten_seconds_apart_and_others_one():
    manners = Manners()

    assert manners.owed_to("www.ema.europa.eu").gap == 10
    assert manners.owed_to("www.ema.europa.eu:8443").gap == 10
    assert manners.owed_to("en.wikipedia.org").gap == 1


def test_what_is_owed_to_a_domain_is_owed_to_its_hosts_unless_they_are_named():
    hosts = {"wikipedia.org": Owed(gap=5), "de.wikipedia.org": Owed(gap=7)}
    manners = Manners(hosts=hosts)

    assert manners.owed_to("en.wikipedia.org:443").gap == 5
    assert manners.owed_to("de.wikipedia.org").gap == 7
    assert manners.owed_to("notwikipedia.org").gap == 1


def test_a_server_of_one_s_own_may_be_asked_without_a_gap():
    free = {"127.0.0.1": Owed(gap=0), "[::1]": Owed(gap=0), "localhost:81": Owed(gap=0.5)}
    manners = Manners(hosts=free)

    assert manners.owed_to("127.0.0.1:40123").gap == 0
    assert manners.owed_to("[::1]:40123").gap == 0
    assert manners.owed_to("[::1]").gap == 0
    assert manners.owed_to("localhost:81").gap == 0.5
    assert manners.owed_to("localhost:82").gap == 1


def test_a_pause_of_ours_is_up_to_a_quarter_shorter_and_another_for_each_host_and_time():
    manners = Manners(first_pause=100, longest_pause=1000)

    drawn = {manners.grown(0, f"host{number}.example") for number in range(50)}

    assert len(drawn) == 50
    assert all(75 <= rest <= 100 for rest in drawn)
    assert all(750 <= manners.grown(turn, "a.example") <= 1000 for turn in range(4, 90))
