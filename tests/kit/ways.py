"""The channels as their contract meets them: each with a receiver, and each with nobody there.

A new channel is a function here that yields a `Way`, and its line in `WAYS`; the promises of
`tests/contract/test_channels.py` are then asked of it too.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path

from kit.clocks import RealClock
from kit.free_port import free_port
from kit.receivers import LOOPBACK, Mailbox, Webhook
from kit.sending import CLOCK
from watcher.fetch.http import HttpFetcher
from watcher.notify.channels import channel
from watcher.ports import Channel

TOKEN = "c4narytoken0123456789abcd"
"""Stands in every address that can hold a secret, and must never be seen again."""


@dataclass(frozen=True, slots=True)
class Way:
    """One kind of channel.

    Attributes:
        channel: Leads to a receiver that takes everything.
        came: Returns what the receiver has, one text a message, its key in it.
        deaf: The same kind of channel, with nobody at the other end.
    """

    channel: Channel
    came: Callable[[], list[str]]
    deaf: Channel


MakeWay = Callable[[Path], AbstractContextManager[Way]]


@contextmanager
def folder(tmp_path: Path) -> Iterator[Way]:
    there, in_the_way = tmp_path / "messages", tmp_path / "file"
    in_the_way.write_text("no folder", encoding="utf-8")

    def came() -> list[str]:
        return [f"{path.name}\n{path.read_text('utf-8')}" for path in there.glob("*.txt")]

    yield Way(_channel(f"folder:{there}"), came, _channel(f"folder:{in_the_way}"))


@contextmanager
def mail(_tmp_path: Path) -> Iterator[Way]:
    with Mailbox() as box:

        def came() -> list[str]:
            return [f"{each.message['Message-ID']}\n{each.text}" for each in box.messages]

        deaf = f"mailto://watcher:{TOKEN}@{LOOPBACK}:{free_port()}/?from=w@example.org"
        yield Way(_channel(box.address()), came, _channel(f"{deaf}&to=reader@example.org"))


@contextmanager
def web_hook(_tmp_path: Path) -> Iterator[Way]:
    def address(port: int) -> str:
        return f"webhook+http://{LOOPBACK}:{port}/in?secret={TOKEN}&allow_private=yes"

    with Webhook() as hook:

        def came() -> list[str]:
            return [f"{each.headers['webhook-id']} {each.json()}" for each in hook.posts]

        yield Way(_channel(address(hook.port)), came, _channel(address(free_port())))


@contextmanager
def apprise(_tmp_path: Path) -> Iterator[Way]:
    with Webhook() as hook:

        def came() -> list[str]:
            return [str(each.json()) for each in hook.posts]

        deaf = f"json://{LOOPBACK}:{free_port()}/{TOKEN}"
        yield Way(_channel(hook.json_address(TOKEN)), came, _channel(deaf))


WAYS: Mapping[str, MakeWay] = {
    "folder": folder,
    "mail": mail,
    "web hook": web_hook,
    "apprise": apprise,
}


def _channel(url: str) -> Channel:
    poster = HttpFetcher(contact="mailto:ops@example.org", clock=RealClock())
    return channel("me", url, clock=CLOCK, poster=poster, seconds=5)
