"""What we saw and when, below a life line."""

from __future__ import annotations

import re
from datetime import date, timedelta
from xml.etree import ElementTree as ET

from kit.lives import eventful
from watcher.core.lifeline_seen import Day, Seen, seen_strip
from watcher.core.taxonomy import Severity

SVG = "{http://www.w3.org/2000/svg}"
FIRST = date(2014, 2, 1)


def strip(marks=(), days=()):
    return ET.fromstring(seen_strip(eventful(), marks, days, width=800))  # noqa: S314 (our words)


def a_mark(day=FIRST, severity=Severity.CRITICAL, words="Suspended"):
    return Seen(day=day, severity=severity, words=words, url="/cases/1?a=1&b=2")


def a_day(day=FIRST):
    return Day(day=day, words=f"seen on {day}", url=f"/medicines/x?at={day}")


def ticks(root):
    return [
        link for link in root.iter(f"{SVG}a") if link.find(f"{SVG}path[@class='tick']") is not None
    ]


def marks_of(root):
    return [link for link in root.iter(f"{SVG}a") if link.get("aria-label")]


def tops(root):
    """How far down each mark begins: of `M12.5 32.0l6 …` 32."""
    paths = (link.find(f"{SVG}path").get("d") for link in marks_of(root))
    return [float(re.match(r"M\S+ ([0-9.]+)[al]", path)[1]) for path in paths]


def test_each_case_is_a_mark_that_leads_to_it_and_says_so_to_who_does_not_see_it():
    root = strip([a_mark(words="Suspended & <lifted>")], [a_day()])

    (mark,) = marks_of(root)
    assert mark.get("href") == "/cases/1?a=1&b=2"
    assert mark.get("aria-label") == mark.find(f"{SVG}title").text == "Suspended & <lifted>"
    assert root.get("aria-label") == "1 cases and 1 days on which something was seen"


def test_each_day_is_a_tick_and_days_that_would_cover_one_another_are_one():
    far = FIRST + timedelta(days=2000)
    root = strip(days=[a_day(far), a_day(FIRST + timedelta(days=1)), a_day()])

    assert [link.get("href") for link in ticks(root)] == [a_day(day).url for day in (FIRST, far)]


def test_marks_of_one_day_stand_below_one_another_the_gravest_first_and_four_rows_at_most():
    grades = [Severity.LOW, Severity.CRITICAL, Severity.HIGH, Severity.NORMAL]
    root = strip([a_mark(severity=grade, words=str(grade)) for grade in [*grades, *grades]])

    drawn = marks_of(root)
    places = tops(root)
    assert drawn[0].get("aria-label") == "critical"
    assert drawn[-1].get("aria-label") == "low"
    assert places == sorted(places)
    assert len(set(places)) == 4
    assert int(root.get("height")) > max(places)


def test_marks_that_do_not_touch_share_a_row():
    root = strip([a_mark(), a_mark(FIRST + timedelta(days=1500))])

    assert len(set(tops(root))) == 1


def test_where_nothing_was_seen_yet_the_strip_is_empty():
    root = strip()

    assert marks_of(root) == ticks(root) == []
    assert "seen by us" in "".join(root.itertext())
