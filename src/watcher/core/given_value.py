"""A fact as a person types it, `PATH=VALUE`, made the value that a reader would have made of it."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Sequence

from watcher.core.edtf import is_edtf
from watcher.core.facts import State, Value, in_order
from watcher.core.status import AuthorisationStatus, authorisation_status

_YES = {"yes": True, "true": True, "no": False, "false": False}


def given(text: str, states: Sequence[State]) -> tuple[str, Value]:
    """Return path and value that `PATH=VALUE` means; null where the value is left empty.

    The path has to be one that is stated, or was; the value has to be of the kind that stands
    there: a status by name or in EMA's words, a date in EDTF, yes or no, a whole number, a list
    with semicolons between its items, or text.

    Args:
        text: What was typed.
        states: What is stated now and what was stated, the first that knows the path counting.

    Raises:
        ValueError: It is not of this form, the path is unknown, or the value of another kind.
    """
    path, sign, written = (part.strip() for part in text.partition("="))
    if not path or not sign:
        message = f"expected PATH=VALUE, found {text!r}"
        raise ValueError(message)
    known = [state[path] for state in states if path in state]
    if not known:
        raise ValueError(_unknown(path, {each for state in states for each in state}))
    example = next((value for value in known if value is not None), None)
    return path, _typed(path, written, example) if written else None


def _unknown(path: str, known: Iterable[str]) -> str:
    near = difflib.get_close_matches(path, sorted(known), n=1, cutoff=0.6)
    hint = f"; did you mean {near[0]}?" if near else ""
    return f"nothing was ever stated at {path!r} of this subject{hint}"


def _typed(path: str, written: str, example: Value) -> Value:
    """Return what was written as a value of the kind of `example`."""
    if path.startswith("authorisation[") and path.endswith("].status"):
        return _status(path, written)
    match example:
        case bool():
            if written.casefold() in _YES:
                return _YES[written.casefold()]
            message = f"{path}: expected yes or no, found {written!r}"
        case int():
            if written.isascii() and written.isdigit():
                return int(written)
            message = f"{path}: expected a whole number, found {written!r}"
        case list():
            if all(isinstance(item, str) for item in example):
                return in_order(filter(None, (part.strip() for part in written.split(";"))))
            message = f"{path} is a list of more than words and cannot be set by hand"
        case dict():
            message = f"{path} has several parts ({', '.join(example)}) and cannot be set by hand"
        case str() if is_edtf(example) and not is_edtf(written):
            message = f"{path}: expected a date (2024, 2024-12 or 2024-12-13), found {written!r}"
        case _:
            return written
    raise ValueError(message)


def _status(path: str, written: str) -> str:
    known = authorisation_status(written)
    if known is None and written in set(AuthorisationStatus):
        known = AuthorisationStatus(written)
    if known is None:
        names = ", ".join(AuthorisationStatus)
        message = f"{path}: expected a status ({names}), found {written!r}"
        raise ValueError(message)
    return known.value
