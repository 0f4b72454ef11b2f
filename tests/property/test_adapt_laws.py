"""Laws of a page's own interval: never beyond the promise, sooner after a change, later without."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from watcher.core.adapt import Pace, in_words

paces = st.tuples(st.integers(1, 10**7), st.integers(1, 10**7)).map(
    lambda both: Pace(promised=max(both), least=min(both))
)
intervals = st.integers(0, 10**8)
looks = st.lists(st.tuples(st.booleans(), st.booleans()), max_size=60)


@given(paces, intervals, st.booleans(), st.booleans())
def test_no_interval_is_longer_than_promised_or_shorter_than_allowed(pace, every, changed, good):
    after = pace.after(every, changed=changed, is_good=good)

    assert pace.least <= after <= pace.promised


@given(paces, intervals)
def test_a_change_never_lengthens_an_interval_and_its_absence_never_shortens_it(pace, every):
    before = pace.kept(every)

    assert pace.after(every, changed=True, is_good=True) <= before
    assert pace.after(every, changed=False, is_good=True) >= before


@given(paces, intervals)
def test_a_page_that_always_changes_comes_to_the_shortest_interval(pace, every):
    for _ in range(40):
        every = pace.after(every, changed=True, is_good=True)

    assert every == pace.least


@given(paces, intervals)
def test_a_page_that_never_changes_comes_back_to_what_was_promised(pace, every):
    for _ in range(200):
        every = pace.after(every, changed=False, is_good=True)

    assert every == pace.promised


@given(paces, intervals, looks)
def test_a_page_that_cannot_be_had_is_owed_no_more_than_was_promised(pace, every, history):
    for changed, good in history:
        every = pace.after(every, changed=changed, is_good=good)

    assert pace.after(every, changed=False, is_good=False) == pace.promised


@given(paces, intervals, intervals, st.booleans())
def test_of_two_pages_the_one_looked_at_oftener_stays_so_after_the_same_look(
    pace, one, other, changed
):
    first, second = sorted((pace.kept(one), pace.kept(other)))

    assert pace.after(first, changed=changed, is_good=True) <= pace.after(
        second, changed=changed, is_good=True
    )


@pytest.mark.parametrize("limits", [(0, 0), (10, 0), (10, 11), (-1, -2)])
def test_a_pace_without_room_is_refused(limits):
    with pytest.raises(ValueError, match="an interval from"):
        Pace(*limits)


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (0, "0 s"),
        (90, "1 min 30 s"),
        (21_600, "6 h"),
        (216_000, "2 d 12 h"),
        (90_061, "1 d 1 h"),
    ],
)
def test_an_interval_is_told_in_two_units_at_most(seconds, words):
    assert in_words(seconds) == words
