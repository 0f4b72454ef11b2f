"""What people do about cases, for machines: read, and done in somebody's name."""

from __future__ import annotations

import secrets
from typing import Annotated, Any, Literal

import msgspec
from litestar import Controller, Response, get, post
from litestar.openapi.spec import Example
from litestar.params import HeaderParameter, JSONBody, QueryParameter

from watcher.core.access import Act
from watcher.core.events import Recorded
from watcher.core.text import tidy
from watcher.ports.store import EventFilter
from watcher.services.acknowledge import ACKNOWLEDGED, ASSIGNED, JUDGED, subject_of
from watcher.services.case_pages import case_key
from watcher.services.decisions import Decider, Decision
from watcher.services.orders import Arguments
from watcher.web.acting import signed_in
from watcher.web.api.answers import Asked, answered, following
from watcher.web.api.parameters import USUAL, After, BadParameterError, CaseKey, Limit
from watcher.web.api.shapes import DecisionsPage, Done
from watcher.web.site import Here, Site

_WHAT = (ACKNOWLEDGED, ASSIGNED, JUDGED)

_Name = Annotated[
    str, msgspec.Meta(max_length=80, description="Who you are, where nobody signed in.")
]
_Words = Annotated[str, msgspec.Meta(min_length=1, max_length=80, pattern=r"\S")]
_Why = Annotated[str, msgspec.Meta(max_length=2_000)]
_Reason = Annotated[str, msgspec.Meta(min_length=1, max_length=2_000, pattern=r"\S")]
Once = Annotated[
    str,
    HeaderParameter(
        name="Idempotency-Key",
        pattern="^[A-Za-z0-9_-]{0,64}$",
        description="A name of this request: sent again, it is done once and answered the same.",
        examples=[Example(value="4f1c0d2e")],
    ),
]


class Acknowledging(msgspec.Struct, forbid_unknown_fields=True, frozen=True, kw_only=True):
    """That somebody has seen a case and answers for it."""

    who: _Name = ""
    why: _Why = ""


class Assigning(msgspec.Struct, forbid_unknown_fields=True, frozen=True, kw_only=True):
    """Whose a case is to be."""

    to: _Words
    who: _Name = ""
    why: _Why = ""


class Judging(msgspec.Struct, forbid_unknown_fields=True, frozen=True, kw_only=True):
    """That a case does not concern us, or is not so."""

    verdict: Literal["irrelevant", "wrong"]
    why: _Reason
    who: _Name = ""


class AcknowledgementsApi(Controller):
    """What people did about cases."""

    path = "/acknowledgements"
    tags = ("acknowledgements",)

    @get("/", operation_id="listAcknowledgements", sync_to_thread=True)
    def listed(
        self,
        request: Asked,
        site: Here,
        case: Annotated[
            str,
            QueryParameter(
                pattern="^([0-9a-f]{8,64})?$", description="Only about this case, by its key."
            ),
        ] = "",
        after: After = 0,
        limit: Limit = USUAL,
    ) -> Response[DecisionsPage]:
        """List who acknowledged, assigned or judged which case, in the order of the log."""
        store = site.watcher.store
        subject = str(subject_of(case_key(store, case))) if case else ""
        which = EventFilter(types=_WHAT, subject=subject, after=after, limit=limit + 1)
        with store.reading() as work:
            found = [*work.log.read(which)]
            head = work.log.head()
        is_more = len(found) > limit
        last = found[limit - 1].position if is_more else max(head, after)
        page = DecisionsPage(
            items=[_decision(each) for each in found[:limit]],
            next=following(request, last) if is_more else None,
            after=last,
        )
        return answered(request, page)

    @post(
        "/{case:str}/acknowledge",
        operation_id="acknowledgeCase",
        status_code=200,
        sync_to_thread=True,
        opt={"act": Act.ANSWER},
    )
    def acknowledge(
        self,
        request: Asked,
        site: Here,
        case: CaseKey,
        data: JSONBody[Acknowledging],
        once: Once = "",
    ) -> Response[Done]:
        """Say that somebody has seen a case and answers for it: nobody else is woken for it."""
        return _done(request, site, once, data.who, ("acknowledge", case, {"why": data.why}))

    @post(
        "/{case:str}/assign",
        operation_id="assignCase",
        status_code=200,
        sync_to_thread=True,
        opt={"act": Act.ANSWER},
    )
    def assign(
        self,
        request: Asked,
        site: Here,
        case: CaseKey,
        data: JSONBody[Assigning],
        once: Once = "",
    ) -> Response[Done]:
        """Give a case to somebody; until they acknowledge it, it can be passed on all the same."""
        told: Arguments = {"to": data.to, "why": data.why}
        return _done(request, site, once, data.who, ("assign", case, told))

    @post(
        "/{case:str}/judge",
        operation_id="judgeCase",
        status_code=200,
        sync_to_thread=True,
        opt={"act": Act.ANSWER},
    )
    def judge(
        self,
        request: Asked,
        site: Here,
        case: CaseKey,
        data: JSONBody[Judging],
        once: Once = "",
    ) -> Response[Done]:
        """Say that a case does not concern us, or that it is wrong; it is not passed on any more.

        What was told stays told: `watcher correct` takes it back.
        """
        told: Arguments = {"verdict": data.verdict, "why": data.why}
        return _done(request, site, once, data.who, ("judge", case, told))


def _done(
    request: Asked, site: Site, once: str, who: str, wanted: tuple[str, str, Arguments]
) -> Response[Any]:
    order, case, arguments = wanted
    by = Decider(who=_who(request, who), request=once or secrets.token_hex(16), via="page")
    key = case_key(site.watcher.store, case)
    done = site.carry_out(order, {**arguments, "case": key}, by)
    told = Done(
        case=str(done["case"]),
        before=str(done["before"]),
        after=str(done["after"]),
        who=str(done["who"]),
        at=str(done["at"]),
        position=int(done["position"]),
        lead=int(done.get("lead", 0)),
    )
    return answered(request, told)


def _who(request: Asked, said: str) -> str:
    """Return who decides: whoever is signed in, else who they say they are.

    Raises:
        BadParameterError: Nobody is, and they do not say.
    """
    name = signed_in(request) or tidy(said)
    if not name:
        message = "say who you are"
        raise BadParameterError(name="who", message=message)
    return name


def _decision(told: Recorded) -> Decision:
    details = told.event.details
    return Decision(
        at=told.recorded_at,
        who=details.get("who", ""),
        what=told.event.type,
        subject=str(told.event.subject),
        why=details.get("why", ""),
        before=details.get("before", ""),
        after=details.get("after", ""),
        via=details.get("via", ""),
        position=told.position,
    )
