"""What a message tells, as values for programs."""

from __future__ import annotations

import json

from kit.happenings import SOURCES, corroborated, notice, withdrawal
from watcher.core.message import compose
from watcher.core.message_data import LONGEST, case_data
from watcher.notify.render import render
from watcher.store import codec


def test_a_withdrawal_is_told_in_statuses_dates_and_the_sources_own_words():
    told = case_data(corroborated(), SOURCES)

    assert (told["name"], told["substance"], told["number"]) == (
        "Alofisel",
        "darvadstrocel",
        "EMEA/H/C/004258",
    )
    assert (told["before"], told["after"]) == ("Authorised", "Withdrawn")
    assert (told["effective"], told["severity"]) == ("2024-12-13", "critical")
    assert told["is_unconfirmed"] is True
    assert told["requested_by"] == "Takeda Pharma A/S"
    (other,) = told["corroborated_by"]
    assert (other["source"], other["effective"]) == ("wikipedia", "2024-12")


def test_what_is_not_stated_is_not_there():
    told = case_data(notice("source.blocked", reason="a challenge page"), SOURCES)

    assert not {"before", "after", "effective", "confidence", "is_unconfirmed"} & told.keys()
    assert all(value not in ("", [], None) for value in told.values())


def test_it_can_be_kept_with_the_message_and_read_back_the_same():
    letter = render(compose(withdrawal(), why="a rule", sources=SOURCES), key="k")

    assert codec.decode_value(codec.encode_value(letter.data)) == letter.data
    assert json.loads(json.dumps(letter.data)) == letter.data


def test_no_value_is_longer_than_a_message_can_bear():
    def lengths(value):
        if isinstance(value, dict):
            return max(map(lengths, value.values()), default=0)
        if isinstance(value, list):
            return max(map(lengths, value), default=0)
        return len(str(value))

    assert lengths(dict(case_data(corroborated(), SOURCES))) <= LONGEST
