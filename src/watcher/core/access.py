"""Who may do what: roles in their order, and one table of what each act asks for.

Pages, the API and the templates ask `may` and nothing else, so that what somebody is not shown and
what they are refused are decided in one place. Commands are not asked: who can run them on the
machine itself can read and write its files anyway.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType


class Role(StrEnum):
    """What somebody is; each may do all that the ones before it may."""

    READER = "reader"
    """Sees what is known, with its evidence."""
    EDITOR = "editor"
    """Answers cases: acknowledges, assigns, judges."""
    OPERATOR = "operator"
    """Sees messages and settings, sends again, decides on what is held back."""
    ADMIN = "admin"
    """Manages users and tokens."""

    @property
    def rank(self) -> int:
        """Return 0 for a reader up to 3 for an admin, to compare by."""
        return _ORDER.index(self)


_ORDER = (Role.READER, Role.EDITOR, Role.OPERATOR, Role.ADMIN)


class Act(StrEnum):
    """What somebody can want of the pages and the API."""

    KNOCK = "knock"
    """What anybody may: sign in, follow a one-time link, ask whether we are alive."""
    SEE = "see"
    """Medicines, cases, events, captures, kept pages, sources, the log, numbers."""
    CHECK = "check"
    """Have the end of the log checked now."""
    OWN = "own"
    """Look after one's own account: its password, where it is signed in."""
    ANSWER = "answer"
    """Acknowledge, assign or judge a case."""
    SEE_DELIVERIES = "see_deliveries"
    """Messages: to whom they went, and what became of each."""
    RESEND = "resend"
    """Have a message sent again."""
    DECIDE = "decide"
    """Release or dismiss what is held back."""
    SEE_SETTINGS = "see_settings"
    """The configuration, without what is secret in it."""
    MANAGE = "manage"
    """Users and tokens."""

    @property
    def in_words(self) -> str:
        """Return the act as people say it, after "you may"."""
        return _WORDS[self]


_WORDS = {
    Act.KNOCK: "sign in",
    Act.SEE: "see what is known, with its evidence",
    Act.CHECK: "have the log checked",
    Act.OWN: "look after your own account",
    Act.ANSWER: "answer cases",
    Act.SEE_DELIVERIES: "see what was sent to whom",
    Act.RESEND: "have a message sent again",
    Act.DECIDE: "release or dismiss what is held back",
    Act.SEE_SETTINGS: "see the settings",
    Act.MANAGE: "manage users and tokens",
}

LEAST: Mapping[Act, Role | None] = MappingProxyType(
    {
        Act.KNOCK: None,
        Act.SEE: Role.READER,
        Act.CHECK: Role.READER,
        Act.OWN: Role.READER,
        Act.ANSWER: Role.EDITOR,
        Act.SEE_DELIVERIES: Role.OPERATOR,
        Act.RESEND: Role.OPERATOR,
        Act.DECIDE: Role.OPERATOR,
        Act.SEE_SETTINGS: Role.OPERATOR,
        Act.MANAGE: Role.ADMIN,
    }
)
"""The least role that each act asks for; None: nobody need be known."""


def may(role: Role | None, act: Act) -> bool:
    """Return whether somebody of that role may do this; None: nobody knows who they are."""
    least = LEAST[act]
    return least is None or (role is not None and role.rank >= least.rank)


@dataclass(frozen=True, slots=True, kw_only=True)
class Grants:
    """Which groups of an organisation are what here.

    Attributes:
        reader: Groups whose members read; so are the following.
        editor: Groups whose members answer cases.
        operator: Groups whose members operate.
        admin: Groups whose members manage users.
        everyone: What everybody is who can sign in at all; None: nothing without a group.
    """

    reader: tuple[str, ...] = ()
    editor: tuple[str, ...] = ()
    operator: tuple[str, ...] = ()
    admin: tuple[str, ...] = ()
    everyone: Role | None = None

    def role_of(self, groups: Collection[str]) -> Role | None:
        """Return the highest role that these groups give; None: none, and so no way in."""
        named = {
            Role.ADMIN: self.admin,
            Role.OPERATOR: self.operator,
            Role.EDITOR: self.editor,
            Role.READER: self.reader,
        }
        found = [role for role, given in named.items() if not set(given).isdisjoint(groups)]
        if self.everyone is not None:
            found.append(self.everyone)
        return max(found, key=lambda role: role.rank, default=None)
