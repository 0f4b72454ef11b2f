"""What a one-time link shows, and what it does when its reader says so."""

from __future__ import annotations

from dataclasses import dataclass

from watcher.core import links
from watcher.core.events import Recorded
from watcher.core.links import Link
from watcher.core.text import tidy
from watcher.errors import OperationalError
from watcher.services.acknowledge import ACKNOWLEDGED, ASSIGNED, done_under
from watcher.services.cases import CaseView, case_view
from watcher.services.decisions import Decider
from watcher.services.orders import Arguments
from watcher.web.site import Site

LONGEST_NAME = 80
LONGEST_WHY = 2_000
_JUDGEMENTS = frozenset({"irrelevant", "wrong"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What a reader filled in.

    Attributes:
        why: Their reason.
        to: Whose the case is to be.
        name: What they call themselves, where the link does not tell who they are.
    """

    why: str = ""
    to: str = ""
    name: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Decided:
    """What was decided on a case, in words.

    Attributes:
        what: `acknowledged`, `given to Ben Smit` …
        who: By whom.
        at: When, RFC 3339 UTC.
        why: The reason given.
    """

    what: str
    who: str
    at: str
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """What a link offers to do.

    Attributes:
        link: The link.
        case: Its case, as it stands.
        who: Who its reader is; empty: they have to say.
        done: What was decided under it, where it was used before.
        people: Names of the people by id, to whom a case can be given.
    """

    link: Link
    case: CaseView
    who: str
    done: Decided | None
    people: dict[str, str]

    @property
    def needs_reason(self) -> bool:
        """Return whether it cannot be done without a reason."""
        return self.link.action in _JUDGEMENTS

    @property
    def is_pointless(self) -> bool:
        """Return whether somebody has done it before, by another link or a command."""
        if self.link.action == "acknowledge":
            return not self.case.is_open
        return self.link.action == self.case.state


def offer(site: Site, token: str) -> Offer:
    """Return what a token offers; nothing is changed by looking.

    Raises:
        LinkError: It is not one of ours, or its time is over.
        NotFoundError: Its case is not in this store.
    """
    link = links.read(token, site.watcher.link_key, site.now)
    naming = site.watcher.naming
    request = link.request(site.watcher.link_key)
    done = done_under(site.watcher.store, link.case, request)
    return Offer(
        link=link,
        case=case_view(site.watcher.store, link.case, naming),
        who=naming.person(link.person) if link.person else "",
        done=_decided(done, site) if done else None,
        people=dict(naming.people),
    )


def act(site: Site, offered: Offer, answer: Answer) -> None:
    """Do what a link offers, once; a second time nothing is done.

    Raises:
        OperationalError: Something is missing in the answer, or somebody has done it before.
    """
    order, arguments = _order(offered.link, answer)
    request = offered.link.request(site.watcher.link_key)
    by = Decider(who=_who(offered, answer.name), request=request, via="page")
    site.carry_out(order, arguments, by)


def _order(link: Link, answer: Answer) -> tuple[str, Arguments]:
    why = tidy(answer.why)
    if len(why) > LONGEST_WHY:
        message = f"the reason is too long: {LONGEST_WHY} characters at most"
        raise OperationalError(message)
    match link.action:
        case "acknowledge":
            return "acknowledge", {"case": link.case, "why": why}
        case "assign":
            to = _needed(tidy(answer.to), "whose it is to be")
            return "assign", {"case": link.case, "to": to, "why": why}
        case "irrelevant" | "wrong":
            _needed(why, "why")
            return "judge", {"case": link.case, "verdict": link.action, "why": why}


def _needed(text: str, what: str) -> str:
    if not text:
        message = f"say {what}"
        raise OperationalError(message)
    return text


def _who(offered: Offer, name: str) -> str:
    """Return who decides: whom the link was sent to, or who they say they are."""
    if offered.who:
        return offered.who
    named = tidy(name)
    if not named or len(named) > LONGEST_NAME:
        message = f"say who you are, in up to {LONGEST_NAME} characters"
        raise OperationalError(message)
    channel = offered.link.channel
    return f"{named} (channel {channel})" if channel else named


def _decided(told: Recorded, site: Site) -> Decided:
    details = told.event.details
    what = details.get("after", "")
    if told.event.type == ASSIGNED:
        what = f"given to {site.watcher.naming.person(what)}"
    elif told.event.type != ACKNOWLEDGED:
        what = f"judged {what}"
    return Decided(
        what=what,
        who=details.get("who", ""),
        at=told.recorded_at,
        why=details.get("why", ""),
    )
