"""How a command that writes has it done: by itself, or by the service that holds the store."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Final

import typer

from watcher.bootstrap import SystemClock, Watcher, World, opened, wait
from watcher.cli.common import FOUND_NOTHING_GOOD, configuration, say
from watcher.cli.person import person
from watcher.config.model import Config
from watcher.errors import OperationalError, StoreBusyError
from watcher.runtime import desk
from watcher.runtime.requests import Answered, Folder
from watcher.services.decisions import Decider
from watcher.services.orders import Arguments, Result, carry_out

PATIENCE: Final = 30.0
"""Seconds that a command waits for the service, unless told otherwise."""
_RETRY = 2.0

As = Annotated[
    str,
    typer.Option(
        "--as", envvar="WATCHER_USER", help="Who decides; else the login name and machine."
    ),
]
Why = Annotated[str, typer.Option(help="Why; kept with it.")]
NoWait = Annotated[
    bool,
    typer.Option("--no-wait", help="Leave it with the running service and do not wait for it."),
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Done:
    """What an order came to.

    Attributes:
        result: In a few words by name.
        by_service: Whether the running service did it, or will.
        queued: Messages that are waiting because of it; known where no service runs.
        delivered: Messages delivered at once; likewise.
    """

    result: Result
    by_service: bool = False
    queued: int = 0
    delivered: int = 0


def ordered(
    config: Path, order: str, arguments: Arguments, *, named: str = "", no_wait: bool = False
) -> Done:
    """Have an order carried out and return what it came to.

    Where no other process writes to the store it is done here, and what it lets be told is told.
    Otherwise it is left with the service, and its answer is waited for.

    Args:
        config: The configuration's file.
        order: A name of `services.orders.ORDERS`.
        arguments: Its arguments.
        named: Who decides; empty: the one who is logged in.
        no_wait: Whether to leave it with the service and return.

    Raises:
        OperationalError: It could not be done.
        Exit: It was left with the service and is not done yet.
    """
    checked = configuration(config)
    by = Decider(who=person(named), request=desk.new_id())
    try:
        with _writing(checked) as watcher:
            result = carry_out(order, arguments, desk.hands(watcher), by)
            return Done(result=result, queued=watcher.alert().queued, delivered=watcher.deliver())
    except StoreBusyError:
        folder = desk.folder_of(checked)
    desk.leave(folder, order, arguments, by, SystemClock())
    if no_wait:
        say(f"left with the running service as {by.request[:12]}; see `watcher audit`")
        raise typer.Exit
    return Done(result=_result(_answer(checked, folder, by.request)), by_service=True)


@contextmanager
def _writing(config: Config) -> Iterator[Watcher]:
    world = World(clock=SystemClock(), sleep=wait)
    with opened(config, world, writable=True) as watcher:
        yield watcher


def _answer(config: Config, folder: Folder, request: str) -> Answered:
    """Return the service's answer; where the service has ended meanwhile, do what it was left.

    Raises:
        Exit: None came in time.
    """
    for _ in range(round(PATIENCE / _RETRY)):
        answered = desk.answer_within(folder, request, _RETRY, SystemClock(), wait)
        if answered is not None:
            return answered
        with suppress(StoreBusyError), _writing(config) as watcher:
            desk.Desk(watcher, folder, logging.getLogger(__name__)).serve()
            watcher.alert()
            watcher.deliver()
    say(
        f"no answer in {PATIENCE:.0f} seconds. It is queued as {request[:12]} and will be done "
        "when the service comes to it, or starts; see `watcher audit`"
    )
    raise typer.Exit(FOUND_NOTHING_GOOD)


def _result(answered: Answered) -> Result:
    if not answered.ok:
        raise OperationalError(answered.message)
    return answered.result


def in_words(done: Done) -> str:
    """Return what was told because of it, for the end of a sentence."""
    if done.by_service:
        return "the running service has it done"
    return f"{done.queued} messages queued, {done.delivered} delivered"
