"""Seals: what they bind, and what is no seal."""

from __future__ import annotations

from dataclasses import replace

import pytest

from watcher.core.seal import LEDGER, SEALED, Seal, Sealing
from watcher.core.verdict import Verdict
from watcher.errors import ProofError


def a_seal(*verdicts: Verdict, first: int = 5) -> Seal:
    making = Sealing(first)
    for number, verdict in enumerate(verdicts, start=first):
        making.add(number, verdict, f"capture {number}".encode())
    return making.seal()


def test_a_seal_is_read_from_its_event_as_it_was_made():
    seal = a_seal(Verdict.OK, Verdict.BLOCKED, Verdict.WRONG_PAGE, Verdict.OK)

    assert Seal.of(seal.event()) == seal
    assert seal.event().details["verdicts"] == "blocked 1, ok 2, wrong_page 1"
    assert (seal.first, seal.last, seal.count) == (5, 8, 4)


def test_a_capture_that_is_left_out_is_missed_by_its_number():
    making = Sealing(5)
    making.add(5, Verdict.OK, b"")

    with pytest.raises(ProofError, match="capture 6 is missing"):
        making.add(7, Verdict.OK, b"")
    with pytest.raises(ProofError, match="capture 9 is missing"):
        Sealing(9).seal()


@pytest.mark.parametrize(
    "told",
    [
        {"first": ""},
        {"last": "6"},
        {"root": "zz"},
        {"captures": "2"},
        {"verdicts": "ok"},
        {"verdicts": "ok 2, blocked 5"},
    ],
)
def test_an_event_that_is_no_seal_is_refused(told):
    event = a_seal(Verdict.OK).event()

    with pytest.raises(ProofError):
        Seal.of(replace(event, details={**event.details, **told}))


def test_a_seal_goes_into_the_log_as_an_event_of_the_ledger():
    event = a_seal(Verdict.OK).event()

    assert (event.type, event.subject) == (SEALED, LEDGER)


def test_an_event_that_is_no_seal_is_refused_with_what_is_wrong_with_it():
    sealed = a_seal(Verdict.OK, Verdict.OK).event()
    short = replace(sealed, details={**sealed.details, "captures": "1"})
    bare = replace(sealed, details={})

    with pytest.raises(ProofError, match="a seal of captures 5-6 that counts 1 of them"):
        Seal.of(short)
    with pytest.raises(ProofError, match="that is no seal: 'first'"):
        Seal.of(bare)
