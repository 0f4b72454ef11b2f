"""What a list has from the first as ended is told as an ending, and nothing else is."""

from __future__ import annotations

import pytest

from factories import ALOFISEL, a_state
from watcher.core.diff import ended_when_listed


@pytest.mark.parametrize(
    ("status", "event"),
    [
        ("application_withdrawn", "application.withdrawn"),
        ("refused", "authorisation.refused"),
        ("withdrawn", "authorisation.withdrawn"),
        ("suspended", "authorisation.suspended"),
    ],
)
def test_what_a_list_has_from_the_first_as_ended_is_told_as_an_ending(status, event):
    state = {"authorisation[EU].status": status, "product.brand_name": "Exampla"}

    told = ended_when_listed(ALOFISEL, state)

    assert told is not None
    assert (told.type, told.subject, told.jurisdiction) == (event, ALOFISEL, "EU")
    assert [change.path for change in told.changes] == ["authorisation[EU].status"]
    assert (told.details["before"], told.details["after"]) == ("unknown", status)


@pytest.mark.parametrize("state", [{}, a_state(), {"authorisation[JP].status": "withdrawn"}])
def test_a_new_row_that_is_not_ended_in_the_eu_is_no_ending(state):
    assert ended_when_listed(ALOFISEL, state) is None
