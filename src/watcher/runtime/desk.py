"""The desk: where a command leaves what it wants done while the service holds the store.

The service's tick takes the requests in their order and carries them out by the same list of
orders that a command uses where no service runs. Killed between a request and its answer, it finds
the request again when it starts; what was decided already is found by the request's id.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from logging import Logger
from pathlib import Path

from watcher.bootstrap import Watcher, database_of
from watcher.config.model import Config
from watcher.core.capture import instant
from watcher.errors import OperationalError
from watcher.ports import Clock, Sleeper
from watcher.runtime.requests import Answered, Folder, RefusedError, Request
from watcher.services.correct import Letters
from watcher.services.decisions import Decider
from watcher.services.orders import Arguments, Hands, carry_out

_PAUSE = 0.1


def new_id() -> str:
    """Return the id of a new request."""
    return secrets.token_hex(16)


def hands(watcher: Watcher) -> Hands:
    """Return what orders are carried out with."""
    return Hands(
        store=watcher.store,
        snapshots=watcher.snapshots,
        clock=watcher.tools.recorder,
        sources=watcher.sources,
        seal=watcher.seal,
        letters=Letters(
            correction=watcher.compose_correction,
            case=watcher.compose,
            people={person.id: person for person in watcher.config.people},
        ),
        people=frozenset(person.id for person in watcher.config.people),
    )


def folder_of(config: Config) -> Folder:
    """Return the folder of requests beside the configured database.

    Raises:
        OperationalError: It is not a folder of our own.
    """
    database = database_of(config)
    if isinstance(database, Path):
        return Folder(database)
    # on PostgreSQL a command need leave nothing: it takes its turn beside the service
    return Folder(config.storage.folder / "watcher.db")


@dataclass(frozen=True, slots=True)
class Desk:
    """Takes the requests that lie there, in their order, and answers each."""

    watcher: Watcher
    folder: Folder
    log: Logger

    def serve(self) -> int:
        """Carry out what lies there now; return how many requests were answered.

        Raises:
            IntegrityError: The history would become wrong; the request was answered with it.
        """
        self.folder.forget_old(self.watcher.tools.recorder.now())
        served = 0
        for place in self.folder.waiting():
            try:
                request = self.folder.read(place)
            except RefusedError as error:
                self.log.warning("refused, and moved aside: %s", error)
                self.folder.refuse(place)
                continue
            if self.folder.answer_to(request.id) is None:
                self._answer(request, place)
                served += 1
            place.unlink(missing_ok=True)
        return served

    def _answer(self, request: Request, place: Path) -> None:
        """Carry out one request and answer it, whatever comes of it."""
        now = self.watcher.tools.recorder.now()
        try:
            answered = self._carried_out(request)
        except OperationalError as error:
            answered = _failed(error)
        except Exception as error:
            # answered all the same: it must not end the service again each time it starts, nor be
            # tried again for ever in front of all others
            self.folder.answer(request.id, _failed(error), now)
            place.unlink(missing_ok=True)
            raise
        self.folder.answer(request.id, answered, now)
        self.log.info("%s for %s: %s", request.order, request.who, _in_words(answered))

    def _carried_out(self, request: Request) -> Answered:
        by = Decider(who=request.who, via=request.via, request=request.id)
        result = carry_out(request.order, request.arguments, hands(self.watcher), by)
        return Answered(ok=True, result=result)


def _failed(error: Exception) -> Answered:
    return Answered(ok=False, result={}, error=type(error).__name__, message=str(error))


def _in_words(answered: Answered) -> str:
    return "done" if answered.ok else answered.message


def leave(folder: Folder, order: str, arguments: Arguments, by: Decider, clock: Clock) -> Request:
    """Leave a request with whoever writes to the store, and return it."""
    request = Request(
        id=by.request,
        order=order,
        arguments=dict(arguments),
        who=by.who,
        via=by.via,
        at=instant(clock.now()),
    )
    folder.leave(request)
    return request


def answer_within(
    folder: Folder, request: str, seconds: float, clock: Clock, sleep: Sleeper
) -> Answered | None:
    """Wait for the answer to a request and take it away; None where none came in time."""
    until = clock.monotonic() + seconds
    while (answered := folder.answer_to(request)) is None:
        if clock.monotonic() >= until:
            return None
        sleep(_PAUSE)
    folder.forget(request)
    return answered
