from __future__ import annotations

import pytest

from watcher.core.status import (
    EMA_SENTENCES,
    AuthorisationStatus,
    authorisation_status,
    is_rare,
    transition,
)
from watcher.core.taxonomy import TYPES

S = AuthorisationStatus


@pytest.mark.parametrize(
    ("before", "after", "event"),
    [
        (S.AUTHORISED, S.WITHDRAWN, "authorisation.withdrawn"),
        (S.SUSPENDED, S.WITHDRAWN, "authorisation.withdrawn"),
        (None, S.WITHDRAWN, "authorisation.withdrawn"),
        (S.AUTHORISED, S.REVOKED, "authorisation.revoked"),
        (S.AUTHORISED, S.SUSPENDED, "authorisation.suspended"),
        (S.AUTHORISED, S.EXPIRED, "authorisation.expired"),
        (S.AUTHORISED, S.NOT_RENEWED, "authorisation.not_renewed"),
        (S.AUTHORISED, S.LAPSED, "authorisation.lapsed"),
        (S.SUSPENDED, S.AUTHORISED, "authorisation.suspension_lifted"),
        (S.WITHDRAWN, S.AUTHORISED, "authorisation.reinstated"),
        (S.OPINION, S.AUTHORISED, "authorisation.granted"),
        (S.OPINION_UNDER_REEXAMINATION, S.AUTHORISED, "authorisation.granted"),
        (None, S.AUTHORISED, "authorisation.granted"),
        (S.OPINION, S.REFUSED, "authorisation.refused"),
        (S.OPINION, S.APPLICATION_WITHDRAWN, "application.withdrawn"),
        (S.UNDER_EVALUATION, S.ROLLING_REVIEW_WITHDRAWN, "application.rolling_review_withdrawn"),
        (S.OPINION, S.OPINION_UNDER_REEXAMINATION, "opinion.reexamination_requested"),
        (S.OPINION_UNDER_REEXAMINATION, S.OPINION, "opinion.reexamination_concluded"),
        (S.WITHDRAWN, S.LAPSED, "authorisation.relabelled"),
        (S.WITHDRAWN, S.EXPIRED, "authorisation.relabelled"),
        (S.AUTHORISED, S.APPLICATION_WITHDRAWN, "authorisation.status_changed"),
        (S.AUTHORISED, S.OPINION, "authorisation.status_changed"),
    ],
)
def test_a_move_between_two_statuses_is_one_kind_of_event(before, after, event):
    assert transition(before, after) == event


@pytest.mark.parametrize(
    ("outcome", "event"),
    [
        ("Positive", "opinion.positive_adopted"),
        ("Negative", "opinion.negative_adopted"),
        ("", "opinion.adopted"),
    ],
)
def test_an_opinion_is_named_by_its_outcome(outcome, event):
    assert transition(S.UNDER_EVALUATION, S.OPINION, outcome=outcome) == event


def test_every_move_has_an_event_in_the_taxonomy():
    for before in (None, *S):
        for after in S:
            assert transition(before, after) in TYPES


def test_only_a_move_out_of_an_authorisation_is_critical_about_a_withdrawal():
    telling = {
        before for before in S if transition(before, S.WITHDRAWN) == "authorisation.withdrawn"
    }

    assert not telling & {S.WITHDRAWN, S.REVOKED, S.EXPIRED, S.LAPSED, S.NOT_RENEWED}


@pytest.mark.parametrize("status", list(S))
def test_emas_words_name_their_status_whatever_their_case_and_spacing(status):
    assert authorisation_status(f"  {status.in_words.upper()} ") is status


@pytest.mark.parametrize(
    "words", ["", "withdrawn from the market", "Authorized", "Withdrawn application", "?"]
)
def test_words_that_are_not_emas_name_no_status(words):
    assert authorisation_status(words) is None


def test_the_words_withdrawn_of_four_different_things_are_kept_apart():
    named = {
        authorisation_status(words)
        for words in ("Withdrawn", "Application withdrawn", "Withdrawn from rolling review")
    }

    assert len(named) == 3


def test_every_status_of_the_medicine_pages_has_its_sentence():
    assert set(S) - set(EMA_SENTENCES) == {S.UNDER_EVALUATION, S.NOT_RENEWED}


def test_coming_back_from_the_end_is_rare_and_ending_is_not():
    assert is_rare(S.WITHDRAWN, S.AUTHORISED)
    assert is_rare(S.OPINION, S.WITHDRAWN)
    assert not is_rare(S.AUTHORISED, S.WITHDRAWN)
    assert not is_rare(None, S.WITHDRAWN)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (S.REFUSED, S.AUTHORISED),
        (S.REFUSED, S.WITHDRAWN),
        (S.AUTHORISED, S.OPINION),
        (S.SUSPENDED, S.UNDER_EVALUATION),
        (S.WITHDRAWN, S.OPINION),
        (S.WITHDRAWN, S.REFUSED),
    ],
)
def test_a_move_that_hardly_ever_happens_deserves_a_second_look(before, after):
    assert is_rare(before, after)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (S.OPINION, S.AUTHORISED),
        (S.SUSPENDED, S.AUTHORISED),
        (S.UNDER_EVALUATION, S.OPINION),
        (S.OPINION, S.REFUSED),
        (S.REFUSED, S.OPINION),
        (S.AUTHORISED, S.SUSPENDED),
        (S.WITHDRAWN, S.LAPSED),
        (None, S.AUTHORISED),
        (None, S.OPINION),
    ],
)
def test_the_usual_steps_of_a_life_are_not_rare(before, after):
    assert not is_rare(before, after)
