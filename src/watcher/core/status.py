"""The status of an authorisation, in EMA's words, and the moves from one to another.

EMA's own vocabularies keep it (SPOR list 100000072049) apart from marketing (100000072052) and
supply (100000072051): the three are never one "status". A word we do not know is no status at all:
`authorisation_status` answers None and the reader raises.
"""

from __future__ import annotations

from enum import StrEnum


class AuthorisationStatus(StrEnum):
    """Where a medicine stands on the way to, in and out of its marketing authorisation."""

    UNDER_EVALUATION = "under_evaluation"
    OPINION = "opinion"
    OPINION_UNDER_REEXAMINATION = "opinion_under_reexamination"
    AUTHORISED = "authorised"
    SUSPENDED = "suspended"
    WITHDRAWN = "withdrawn"
    REVOKED = "revoked"
    EXPIRED = "expired"
    NOT_RENEWED = "not_renewed"
    LAPSED = "lapsed"
    REFUSED = "refused"
    APPLICATION_WITHDRAWN = "application_withdrawn"
    ROLLING_REVIEW_WITHDRAWN = "rolling_review_withdrawn"

    @property
    def in_words(self) -> str:
        """Return EMA's own words for the status."""
        return _WORDS[self]


S = AuthorisationStatus

VALID = frozenset({S.AUTHORISED, S.SUSPENDED})
"""A marketing authorisation exists, in force or suspended."""

ENDED = frozenset({S.WITHDRAWN, S.REVOKED, S.EXPIRED, S.NOT_RENEWED, S.LAPSED})
"""There was a marketing authorisation and it is over."""

PENDING = frozenset({S.UNDER_EVALUATION, S.OPINION, S.OPINION_UNDER_REEXAMINATION})
"""There is an application and no decision on it yet."""

NEVER = frozenset({S.REFUSED, S.APPLICATION_WITHDRAWN, S.ROLLING_REVIEW_WITHDRAWN})
"""The application ended and there never was an authorisation."""

_WORDS = {
    S.UNDER_EVALUATION: "Under evaluation",
    S.OPINION: "Opinion",
    S.OPINION_UNDER_REEXAMINATION: "Opinion under re-examination",
    S.AUTHORISED: "Authorised",
    S.SUSPENDED: "Suspended",
    S.WITHDRAWN: "Withdrawn",
    S.REVOKED: "Revoked",
    S.EXPIRED: "Expired",
    S.NOT_RENEWED: "Not renewed",
    S.LAPSED: "Lapsed",
    S.REFUSED: "Refused",
    S.APPLICATION_WITHDRAWN: "Application withdrawn",
    S.ROLLING_REVIEW_WITHDRAWN: "Withdrawn from rolling review",
}

_BY_WORDS = {words.casefold(): status for status, words in _WORDS.items()}

EMA_SENTENCES = {
    S.AUTHORISED: "This medicine is authorised for use in the European Union",
    S.WITHDRAWN: "This medicine's authorisation has been withdrawn",
    S.APPLICATION_WITHDRAWN: "The application for this medicine has been withdrawn",
    S.REFUSED: "This medicine has been refused authorisation",
    S.LAPSED: "This medicine's authorisation has lapsed",
    S.OPINION: "EMA has issued an opinion on this medicine",
    S.EXPIRED: "This medicine's authorisation has expired",
    S.REVOKED: "This medicine's authorisation has been revoked",
    S.OPINION_UNDER_REEXAMINATION: "EMA is re-examining this opinion on request of the applicant",
    S.ROLLING_REVIEW_WITHDRAWN: (
        "This medicine has been withdrawn from evaluation under rolling review"
    ),
    S.SUSPENDED: "This medicine is currently suspended from use in the European Union",
}
"""The sentence below the status on an EMA medicine page; it has to agree with the title."""


def authorisation_status(words: str) -> AuthorisationStatus | None:
    """Return the status that EMA's `words` name, or None where we do not know them.

    Exact words only: "Application withdrawn" holds the word "withdrawn" and is not a withdrawal.
    """
    return _BY_WORDS.get(" ".join(words.split()).casefold())


_ENDINGS = {
    S.WITHDRAWN: "authorisation.withdrawn",
    S.REVOKED: "authorisation.revoked",
    S.EXPIRED: "authorisation.expired",
    S.NOT_RENEWED: "authorisation.not_renewed",
    S.LAPSED: "authorisation.lapsed",
    S.SUSPENDED: "authorisation.suspended",
    S.REFUSED: "authorisation.refused",
}

_APPLICATION_STEPS = {
    S.APPLICATION_WITHDRAWN: "application.withdrawn",
    S.ROLLING_REVIEW_WITHDRAWN: "application.rolling_review_withdrawn",
    S.OPINION_UNDER_REEXAMINATION: "opinion.reexamination_requested",
    S.UNDER_EVALUATION: "application.evaluation_started",
}


def transition(
    before: AuthorisationStatus | None, after: AuthorisationStatus, *, outcome: str = ""
) -> str:
    """Return the event type that moving from `before` to `after` means.

    One change makes one event: a specific type where there is one, else
    `authorisation.status_changed`.

    Args:
        before: The status known so far; None where none was known.
        after: The status now stated.
        outcome: For an opinion, `Positive`, `Negative` or empty.
    """
    if before in ENDED and after in ENDED:
        return "authorisation.relabelled"
    if after is S.AUTHORISED:
        return _authorised_again(before)
    if after is S.OPINION:
        return _opinion(before, outcome)
    if after in _ENDINGS:
        return _ENDINGS[after]
    if before in VALID or before in ENDED:
        # An authorised medicine does not fall back into its application: a person must look.
        return "authorisation.status_changed"
    return _APPLICATION_STEPS[after]


def _authorised_again(before: AuthorisationStatus | None) -> str:
    if before is S.SUSPENDED:
        return "authorisation.suspension_lifted"
    return "authorisation.reinstated" if before in ENDED else "authorisation.granted"


def _opinion(before: AuthorisationStatus | None, outcome: str) -> str:
    if before in VALID or before in ENDED:
        return "authorisation.status_changed"
    if before is S.OPINION_UNDER_REEXAMINATION:
        return "opinion.reexamination_concluded"
    if outcome.casefold() == "negative":
        return "opinion.negative_adopted"
    if outcome.casefold() == "positive":
        return "opinion.positive_adopted"
    return "opinion.adopted"


def is_rare(before: AuthorisationStatus | None, after: AuthorisationStatus) -> bool:
    """Return whether the move is one that hardly ever happens and deserves a second look.

    EMA's data do skip steps (an opinion under re-examination became an authorisation, a refused
    product an opinion), so a rare move is flagged and never refused.
    """
    if before is None or after in ENDED | {S.SUSPENDED}:
        return before in NEVER | PENDING and after in ENDED
    if after is S.AUTHORISED:
        return before in ENDED | NEVER
    return before in VALID | ENDED
