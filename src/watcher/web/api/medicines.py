"""Medicines, for machines: what each source says of them, now or as of a moment."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import PurePath
from typing import Annotated

from litestar import Controller, Response, get
from litestar.openapi.spec import Example
from litestar.params import PathParameter, QueryParameter

from watcher.core.text import fold
from watcher.errors import NotFoundError
from watcher.services.past import Moment
from watcher.services.replay import Known, as_of, known_now, known_page
from watcher.web.api.answers import Asked, answered, following
from watcher.web.api.moments import StateAxis, moment_of
from watcher.web.api.parameters import USUAL, AsOf, KnownAt, Limit
from watcher.web.api.shapes import MedicineListed, MedicinesPage, MedicineTold, Saying
from watcher.web.site import Here, Site

_KIND = "medicine:"


class MedicinesApi(Controller):
    """Medicines and what sources say of them."""

    path = "/medicines"
    tags = ("medicines",)

    @get("/", operation_id="listMedicines", sync_to_thread=True)
    def listed(
        self,
        request: Asked,
        site: Here,
        q: Annotated[
            str, QueryParameter(max_length=100, description="Only those with this in their name.")
        ] = "",
        as_of: AsOf = "",
        axis: StateAxis = "observed",
        known_at: KnownAt = "",
        after: Annotated[
            str, QueryParameter(max_length=200, description="Go on after this identity.")
        ] = "",
        limit: Limit = USUAL,
    ) -> Response[MedicinesPage]:
        """List medicines with their EU authorisation status at each source, by identity."""
        store, name = site.watcher.store, fold(q)
        moment = moment_of(as_of, axis, known_at, site.now)
        if as_of or known_at or axis == "effective":
            by_id = known_page(store, moment, name=name, after=after, limit=limit + 1)
        else:
            by_id = known_now(store, name=name, after=after, limit=limit + 1)
        found = [*by_id][:limit]
        last = found[-1] if found else after
        page = MedicinesPage(
            items=[_listed(each, by_id[each]) for each in found],
            next=following(request, last) if len(by_id) > limit else None,
            after=last,
        )
        return answered(request, page)

    @get("/{medicine:path}", operation_id="getMedicine", sync_to_thread=True)
    def one(
        self,
        request: Asked,
        site: Here,
        medicine: Annotated[
            PurePath,
            PathParameter(
                description="A product number, a name or a substance.",
                examples=[Example(value="EMEA/H/C/000002")],
            ),
        ],
        as_of: AsOf = "",
        axis: StateAxis = "observed",
        known_at: KnownAt = "",
    ) -> Response[MedicineTold]:
        """Return all that each source says of one medicine, as of a moment."""
        moment = moment_of(as_of, axis, known_at, site.now)
        name = str(medicine).strip("/").removeprefix(_KIND)
        found = _one(_known(site, moment, name), name)
        told = MedicineTold(
            id=_subject(found[0]).removeprefix(_KIND),
            name=_name(found),
            as_of=f"position:{moment.at}" if moment.axis == "position" else as_of or "now",
            axis="recorded" if moment.axis == "position" else moment.axis,
            known_at=moment.known_at,
            sources=[_saying(each) for each in found],
        )
        return answered(request, told)


def _known(site: Site, moment: Moment, name: str = "") -> tuple[Known, ...]:
    return as_of(
        site.watcher.store, moment.at, axis=moment.axis, product=name, known_at=moment.known_at
    )


def _by_id(known: Iterable[Known]) -> dict[str, list[Known]]:
    found: dict[str, list[Known]] = {}
    for each in known:
        if _subject(each).startswith(_KIND):
            found.setdefault(_subject(each).removeprefix(_KIND), []).append(each)
    return {identity: found[identity] for identity in sorted(found)}


def _one(known: tuple[Known, ...], name: str) -> list[Known]:
    """Return what is said of the one medicine that is named, its own subject first.

    Raises:
        NotFoundError: Nothing was known of it, or it is the name of several.
    """
    medicines = _by_id(known)
    if name in medicines:
        medicines = {name: medicines[name]}
    if not medicines:
        message = f"nothing was known of {name[:60]!r}"
        raise NotFoundError(message)
    if len(medicines) > 1:
        listed = ", ".join([*medicines][:10])
        message = f"{name[:60]!r} is {len(medicines)} medicines: ask for one of {listed}"
        raise NotFoundError(message)
    (own,) = medicines.values()
    others = [each for each in known if not _subject(each).startswith(_KIND)]
    return [*own, *others]


def _subject(known: Known) -> str:
    return known.stream.partition("/")[2]


def _name(known: Iterable[Known]) -> str:
    """Return what it is called by the first source that knows a name of it."""
    names = [each.name for each in known]
    return next((name for name in names if ":" not in name), names[0])


def _listed(identity: str, known: Iterable[Known]) -> MedicineListed:
    statuses = {each.source: each.status for each in known}
    return MedicineListed(id=identity, name=_name(known), statuses=statuses)


def _saying(known: Known) -> Saying:
    return Saying(
        source=known.source,
        subject=_subject(known),
        name=known.name,
        stream=known.stream,
        version=known.version,
        status=known.status,
        last_event=known.last_event,
        last_at=known.last_at,
        state=dict(known.state),
    )
