"""A capture that may be read and holds far less than the last good one."""

from __future__ import annotations

import pytest

from watcher.core.verdict import Judgement, Verdict
from watcher.readers.judge import Limits, Sizes, shrunk

WHOLE = Sizes(records=2_576, documents=9, size=6_700_000)


@pytest.mark.parametrize(
    "now",
    [
        Sizes(records=2_000, documents=9, size=6_000_000),
        Sizes(records=0, documents=9, size=6_000_000),
        Sizes(records=2_576, documents=6, size=6_700_000),
        Sizes(records=2_576, documents=0, size=6_700_000),
        Sizes(records=2_576, documents=9, size=600_000),
    ],
)
def test_far_less_than_the_last_good_capture_is_not_believed(now):
    judgement = shrunk(WHOLE, now)

    assert judgement is not None
    assert judgement.verdict is Verdict.SHRUNK
    assert judgement.signals


@pytest.mark.parametrize(
    "now",
    [
        WHOLE,
        Sizes(records=2_061, documents=7, size=4_000_000),
        Sizes(records=3_500, documents=40, size=9_000_000),
    ],
)
def test_a_little_less_and_any_more_is_believed(now):
    assert shrunk(WHOLE, now) is None


def test_a_page_that_drops_two_of_its_three_documents_is_believed():
    assert shrunk(Sizes(documents=3), Sizes(documents=1)) is None
    assert shrunk(Sizes(documents=10), Sizes(documents=7)) is not None


def test_the_limits_are_the_sources_own():
    half = Sizes(records=1_300, documents=9, size=6_700_000)

    assert shrunk(WHOLE, half, Limits(records=50)) is None


def test_there_is_nothing_to_shrink_from_at_the_first_capture():
    assert shrunk(Sizes(), Sizes()) is None


def test_every_kind_of_loss_is_told_with_how_much_there_was():
    assert shrunk(WHOLE, Sizes(records=1, documents=2, size=3)) == Judgement(
        Verdict.SHRUNK,
        "far less than in the last good capture",
        ("records 2576 → 1", "documents 9 → 2", "bytes 6700000 → 3"),
    )


def test_exactly_as_much_as_may_be_lost_is_believed_of_records_and_bytes():
    assert shrunk(Sizes(records=100), Sizes(records=80)) is None
    assert shrunk(Sizes(size=1_000), Sizes(size=100)) is None
    assert shrunk(Sizes(records=100), Sizes(records=79)) is not None
    assert shrunk(Sizes(size=1_000), Sizes(size=99)) is not None


def test_the_only_record_of_a_source_can_be_lost():
    assert shrunk(Sizes(records=1), Sizes()) is not None


def test_from_nothing_nothing_is_lost_even_where_nothing_may_be():
    assert shrunk(Sizes(), Sizes(), Limits(records=0, documents=0, size=0)) is None
