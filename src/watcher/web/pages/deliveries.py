"""DELIVERIES: every message, what became of it, what was answered; how each channel does."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Final, Literal

from litestar import Controller, get, post
from litestar.params import FromPath, QueryParameter, URLEncodedBody
from litestar.response import Redirect, Template

from watcher.core.access import Act
from watcher.core.breaker import Way, way
from watcher.errors import OperationalError
from watcher.ports.telling import Health
from watcher.services.orders import Arguments
from watcher.web.acting import Asked, Filled, decider, new_form, reason, signed_in
from watcher.web.case_rows import STATES, state_in_words
from watcher.web.site import Here, Site

ON_A_PAGE = 50
State = Literal["", "pending", "sending", "delivered", "given_up", "cancelled"]
_SEE: Final = 303
_UNFILLED = 422
_WAYS = {
    Way.OPEN: "open",
    Way.ONE: "tried with one message next",
    Way.SHUT: "left alone for now",
}


@dataclass(frozen=True, slots=True)
class ChannelRow:
    """How a channel does.

    Attributes:
        id: Its id.
        title: Who is reached through it.
        kind: What its address begins with; empty: it is no longer in the configuration.
        way: Whether messages go through it, in words.
        is_well: Whether the last attempt was taken, or there was none.
        health: What is known of it.
        counts: How many messages it has, by state.
    """

    id: str
    title: str
    kind: str
    way: str
    is_well: bool
    health: Health
    counts: Counter[str]


class DeliveriesPage(Controller):
    """The outbox."""

    path = "/deliveries"
    opt = {"act": Act.SEE_DELIVERIES}  # noqa: RUF012  Litestar's own form

    @get("/", sync_to_thread=True)
    def show(
        self,
        request: Asked,
        site: Here,
        wanted: Annotated[State, QueryParameter(name="state")] = "",
        channel: Annotated[str, QueryParameter(max_length=100)] = "",
    ) -> Template:
        """Show the channels, then the last messages, of one state or channel or of all."""
        return _page(request, site, (wanted, channel))

    @post("/{number:int}/resend", sync_to_thread=True, opt={"act": Act.RESEND})
    def resend(
        self, request: Asked, site: Here, number: FromPath[int], data: URLEncodedBody[Filled]
    ) -> Template | Redirect:
        """Let a message be sent again, with the key that it had."""
        try:
            told: Arguments = {"message": number, "why": reason(data)}
            site.carry_out("resend", told, decider(request, data))
        except OperationalError as error:
            return _page(request, site, ("", ""), data, str(error))
        return Redirect(f"/deliveries#m{number}", status_code=_SEE)


def _page(
    request: Asked,
    site: Site,
    which: tuple[str, str],
    filled: Filled | None = None,
    problem: str = "",
) -> Template:
    state, channel = which
    with site.watcher.store.reading() as work:
        messages = work.outbox.latest(ON_A_PAGE, state, channel)
        depths = work.outbox.depths()
        healths = {each.channel: each for each in work.channel_health.all()}
        trouble = work.outbox.latest(ON_A_PAGE, "given_up", channel) if not state else ()
    counts: dict[str, Counter[str]] = {}
    for each in depths:
        counts.setdefault(each.channel, Counter())[each.state] += each.messages
    context = {
        "channels": _channels(site, counts, healths),
        "totals": sum(counts.values(), Counter[str]()),
        "messages": tuple(each for each in reversed(messages) if each not in trouble),
        "trouble": tuple(reversed(trouble)),
        "states": STATES,
        "state": state,
        "channel": channel,
        "in_words": state_in_words,
        "naming": site.watcher.naming,
        "filled": filled or Filled(),
        "form": new_form(),
        "problem": problem,
        "who": signed_in(request),
    }
    return Template("deliveries.html", context=context, status_code=_UNFILLED if problem else 200)


def _channels(
    site: Site, counts: dict[str, Counter[str]], healths: dict[str, Health]
) -> list[ChannelRow]:
    """Return the channels of the configuration, then those that messages went through before."""
    known = {each.id: each for each in site.watcher.config.channels}
    names = [*known, *sorted((counts.keys() | healths.keys()) - known.keys())]
    rows = []
    for name in names:
        health = healths.get(name, Health(channel=name))
        until = datetime.fromisoformat(health.closed_until) if health.closed_until else None
        configured = known.get(name)
        rows.append(
            ChannelRow(
                id=name,
                title=configured.title if configured else "",
                kind=configured.scheme if configured else "",
                way=_WAYS[way(health.failures, until, site.now)],
                is_well=not health.failures,
                health=health,
                counts=counts.get(name, Counter()),
            )
        )
    return rows
