"""Forms of pages by which people decide: who they are, and that a form is carried out once."""

from __future__ import annotations

import re
import secrets
from dataclasses import dataclass
from typing import Any

from litestar import Request

from watcher.core.text import tidy
from watcher.errors import OperationalError
from watcher.services.decisions import Decider
from watcher.web.links import LONGEST_NAME, LONGEST_WHY

Asked = Request[Any, Any, Any]
"""A request, whoever makes it."""
_FORM = re.compile(r"[0-9a-f]{32}")


@dataclass(frozen=True, slots=True)
class Filled:
    """A form, as a browser sends it.

    Attributes:
        form: The form's id: the same one is carried out once, however often its button is pressed.
        name: What the reader calls themselves, where nobody has signed in.
        why: Their reason.
        to: Whose a case is to be.
    """

    form: str = ""
    name: str = ""
    why: str = ""
    to: str = ""


def new_form() -> str:
    """Return the id of a new form."""
    return secrets.token_hex(16)


def signed_in(asked: Asked) -> str:
    """Return the name of who has signed in; empty: nobody has."""
    return str(getattr(asked.scope.get("user"), "name", "") or "")


def decider(asked: Asked, filled: Filled) -> Decider:
    """Return who decides by a form.

    Raises:
        OperationalError: They do not say who they are.
    """
    name = signed_in(asked) or tidy(filled.name)
    if not name or len(name) > LONGEST_NAME:
        message = f"say who you are, in up to {LONGEST_NAME} characters"
        raise OperationalError(message)
    request = filled.form if _FORM.fullmatch(filled.form) else new_form()
    return Decider(who=name, request=request, via="page")


def reason(filled: Filled, *, is_needed: bool = False) -> str:
    """Return the reason that a form gives.

    Raises:
        OperationalError: It is missing where it is needed, or too long.
    """
    why = tidy(filled.why)
    if is_needed and not why:
        message = "say why"
        raise OperationalError(message)
    if len(why) > LONGEST_WHY:
        message = f"the reason is too long: {LONGEST_WHY} characters at most"
        raise OperationalError(message)
    return why
