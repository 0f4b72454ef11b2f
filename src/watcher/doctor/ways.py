"""The ways to people: whether anybody is told at all, and whether each channel can be used."""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterator
from pathlib import Path

from watcher.config.channel_address import FOLDER
from watcher.config.model import Channel, Config, Web
from watcher.doctor.finding import Area, Finding
from watcher.errors import DeliveryError

_AREA = Area("channels")
_CONNECT_SECONDS = 2.0


def anybody(config: Config) -> Iterator[Finding]:
    """Yield whether somebody would hear of news, and of the watcher's own death."""
    if not config.rules:
        yield _AREA.warning(
            "rules",
            "none",
            means="everything is recorded and nobody is told of it",
            advice="add a rule: docs/configuration.md, and `watcher rules rehearse` tries it",
        )
    if config.heartbeat is None and config.ping is None:
        yield _AREA.warning(
            "heartbeat",
            "neither `heartbeat` nor `ping` is configured",
            means="if this machine dies, no news looks like good news",
            advice="add a heartbeat to somebody, or a ping to a watchdog elsewhere: "
            "docs/operating.md",
        )


def channels(config: Config, send: Callable[[Channel], str] | None) -> Iterator[Finding]:
    """Yield for each channel whether it can be used.

    Args:
        config: The configuration; a channel whose address is none did not get so far.
        send: Sends a sample and returns what the receiver said; None: nothing is sent.
    """
    for channel in config.channels:
        if send is None:
            yield _unsent(channel)
            continue
        try:
            yield _AREA.fine(channel.id, f"a sample was taken: {send(channel)}")
        except DeliveryError as error:
            yield _AREA.failing(
                channel.id,
                str(error),
                means="what is to be told through it waits, and is given up after some days",
                advice=f"`watcher test-channel {channel.id}` tries again; docs/channels.md",
            )


def _unsent(channel: Channel) -> Finding:
    if channel.scheme == FOLDER:
        folder = Path(channel.url.reveal().partition(":")[2])
        if folder.exists() and not folder.is_dir():
            return _AREA.failing(
                channel.id,
                f"{folder} is no folder",
                means="no message can be written there",
                advice="name another folder in its `url`",
            )
        return _AREA.fine(channel.id, f"files in {folder}")
    return _AREA.fine(channel.id, f"{channel.scheme}, understood; --send tries it")


def pages(web: Web | None, holder: int) -> Iterator[Finding]:
    """Yield whether the port of our pages is free, or taken by our own service.

    Args:
        web: Where pages are served; None: nowhere.
        holder: The process that runs the service; 0: none does.
    """
    if web is None:
        return
    try:
        with socket.create_connection((web.address, web.port), _CONNECT_SECONDS):
            is_taken = True
    except OSError:
        is_taken = False
    if is_taken and not holder:
        yield Area("machine").failing(
            "pages",
            f"something else listens at {web.authority}",
            means="`watcher run` will not start there",
            advice="give `web` another port, or end the other program",
        )
    else:
        serving = "served by the running service" if is_taken else "free for `watcher run`"
        yield Area("machine").fine("pages", f"{web.authority} is {serving}")
