"""Laws of diff and apply, whatever two readings say."""

from __future__ import annotations

import itertools
from datetime import date

from hypothesis import given
from hypothesis import strategies as st

from factories import ALOFISEL
from watcher.core.diff import baseline, changes, diff
from watcher.core.events import apply, fold_events
from watcher.core.settle import settle
from watcher.core.status import AuthorisationStatus
from watcher.core.taxonomy import TYPES

days = st.dates(min_value=date(1995, 1, 1)).map(str)
months = days.map(lambda day: day[:7])
dates = st.one_of(days, months)
statuses = st.sampled_from([status.value for status in AuthorisationStatus])
words = st.text(max_size=20)
documents = st.fixed_dictionaries(
    {"title": words},
    optional={
        "url": words,
        "reference_number": words,
        "first_published": days,
        "last_updated": days,
        "categories": st.lists(words, max_size=3),
    },
)
states = st.fixed_dictionaries(
    {},
    optional={
        "product.brand_name": words,
        "product.inn": st.lists(words, max_size=3),
        "product.atc_code": st.sampled_from(["L04", "L04A", "L04AX08", "N02"]),
        "authorisation[EU].status": statuses,
        "authorisation[EU].granted": dates,
        "authorisation[EU].withdrawn": dates,
        "authorisation[EU].withdrawn.actor": words,
        "authorisation[EU].holder": st.fixed_dictionaries({"name": words, "text": words}),
        "authorisation[JP].status": statuses,
        "market[JP].discontinued": dates,
        "supply_status[EU]": words,
        "opinion.outcome": st.sampled_from(["Positive", "Negative"]),
        "opinion.adopted": days,
        "flag[orphan]": st.booleans(),
        "flag[conditional_approval]": st.booleans(),
        "flag[additional_monitoring]": st.booleans(),
        "product_information.revision": st.integers(min_value=0, max_value=99),
        "indication.text": words,
        "pharmacology.onset": st.none(),
        "document[a]": documents,
        "document[b]": documents,
        "document[c]": documents,
        "qa[How?]": words,
    },
)


@given(states, states)
def test_diff_loses_nothing(before, after):
    assert fold_events(diff(ALOFISEL, before, after), before) == after


@given(states)
def test_the_same_said_again_is_no_news(state):
    assert diff(ALOFISEL, state, dict(state)) == ()


@given(states, states)
def test_every_change_is_told_by_exactly_one_event(before, after):
    told = [change for event in diff(ALOFISEL, before, after) for change in event.changes]

    assert sorted(change.path for change in told) == [
        change.path for change in changes(before, after)
    ]


@given(states, states)
def test_every_event_is_of_a_type_in_the_taxonomy(before, after):
    assert all(event.type in TYPES for event in diff(ALOFISEL, before, after))


@given(states)
def test_a_baseline_leads_to_what_was_read(state):
    assert apply({}, baseline(ALOFISEL, state)) == state


@given(st.lists(states, min_size=1, max_size=6))
def test_a_whole_history_replays_to_its_last_reading(readings):
    log = [baseline(ALOFISEL, readings[0])]
    for before, after in itertools.pairwise(readings):
        log += diff(ALOFISEL, before, after)

    assert fold_events(log) == readings[-1]


@given(states, states, st.integers(min_value=2, max_value=5))
def test_what_is_missing_once_never_ends_an_authorisation(before, after, patience):
    before = {**before, "authorisation[EU].status": "authorised"}
    reading = {path: value for path, value in after.items() if path not in before}

    settled = settle(before, reading, {}, patience)

    assert settled.state["authorisation[EU].status"] == "authorised"
    assert not any(
        event.type.startswith("authorisation.") and "after" in event.details
        for event in diff(ALOFISEL, before, settled.state)
        if event.jurisdiction == "EU" and event.type != "authorisation.withdrawal_announced"
    )
