"""What was so on a day, by the dates a source states, whenever we came to know of it."""

from __future__ import annotations

from datetime import date

from watcher.core.edtf import Edtf, is_edtf
from watcher.core.facts import State
from watcher.core.status import ENDED, AuthorisationStatus


def status_on(state: State, day: date, jurisdiction: str = "EU") -> str:
    """Return the authorisation status on `day`, by the dates in `state`.

    "unknown" where the dates do not tell: an ending without a date may lie before or after the
    day, and a month that holds the day may have ended it before or after.

    Args:
        state: All a source says of a medicine now.
        day: The day asked for.
        jurisdiction: Whose authorisation.
    """
    now = str(state.get(f"authorisation[{jurisdiction}].status") or "")
    granted = _date(state, f"authorisation[{jurisdiction}].granted")
    if now in set(ENDED) | {AuthorisationStatus.SUSPENDED.value}:
        ended = _date(state, f"authorisation[{jurisdiction}].{now}")
        if ended is None:
            return "unknown"
        if ended.last <= day:
            return now
        if ended.first <= day:
            return "unknown"
    elif now != AuthorisationStatus.AUTHORISED.value:
        return now if _is_settled(state, now, day, jurisdiction) else "unknown"
    if granted is None:
        return "unknown"
    if granted.last <= day:
        return AuthorisationStatus.AUTHORISED.value
    return "unknown" if granted.first <= day else "not_yet_authorised"


_DECIDED = {
    AuthorisationStatus.REFUSED.value: "authorisation[{}].refused",
    AuthorisationStatus.APPLICATION_WITHDRAWN.value: "application.withdrawn",
    AuthorisationStatus.ROLLING_REVIEW_WITHDRAWN.value: "application.withdrawn",
    AuthorisationStatus.OPINION.value: "opinion.adopted",
}


def _is_settled(state: State, status: str, day: date, jurisdiction: str) -> bool:
    """Return whether a status that never became an authorisation was reached by `day`."""
    decided = _date(state, _DECIDED.get(status, "").format(jurisdiction))
    return decided is not None and decided.last <= day


def _date(state: State, path: str) -> Edtf | None:
    value = state.get(path)
    return Edtf.parse(value) if isinstance(value, str) and is_edtf(value) else None
