"""Channels: an address in `sources.yaml` becomes a way to one recipient."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from watcher.errors import DeliveryError, FetchRefusedError
from watcher.notify.apprise_address import as_written, files, service
from watcher.notify.folder import FolderChannel, folder
from watcher.notify.mail import MailChannel, mail_address
from watcher.notify.markup import Flavour, flavour, lines_of, plain
from watcher.notify.redact import scheme
from watcher.notify.render import clean, escape_markdown
from watcher.notify.webhook import SCHEMES, WebhookChannel, hook_address
from watcher.ports import Answer, Channel, Clock, Envelope, Post, Poster

_SECONDS = 60.0
_STATUS = re.compile(r"error=([1-5]\d\d)\b")
"""The HTTP status in Apprise's log line; nothing else of its words is repeated."""
_FOR_GOOD = frozenset({"400", "401", "403", "404", "405", "410", "413"})
"""Statuses that say no for good: no right, no such hook, nothing that is taken there."""


def channel(
    channel_id: str,
    url: str,
    *,
    clock: Clock,
    poster: Poster | None = None,
    seconds: float = _SECONDS,
) -> Channel:
    """Return the channel that `url` describes.

    Args:
        channel_id: Its id in `sources.yaml`.
        url: `mailto(s)://…` for mail, `folder:…` for files, `webhook+https://…` for a program, or
            any address Apprise knows.
        clock: Dates mails and signatures.
        poster: Asks web hooks; without it none can be used, only looked at.
        seconds: How long a receiver may take to answer.

    Raises:
        ValueError: The address cannot be used; the message shows no secret of it.
    """
    kind = scheme(url)
    if kind == "folder":
        return FolderChannel(id=channel_id, path=folder(url))
    if kind in {"mailto", "mailtos"}:
        return MailChannel(id=channel_id, address=mail_address(url, seconds=seconds), clock=clock)
    if kind in SCHEMES:
        asked = poster or _NoPoster()
        address = hook_address(url)
        return WebhookChannel(
            id=channel_id, address=address, poster=asked, clock=clock, seconds=seconds
        )
    plugin = service(url, seconds=seconds)
    wanted = flavour(kind, asks_for=getattr(plugin.notify_format, "value", ""))
    return AppriseChannel(id=channel_id, kind=kind, plugin=plugin, flavour=wanted)


class _NoPoster:
    """Stands where an address is looked at and nothing is sent."""

    def post(self, post: Post) -> Answer:  # noqa: ARG002  (the port's signature)
        message = "nothing is sent from here"
        raise FetchRefusedError(message, kind="address")


@dataclass(frozen=True, slots=True, kw_only=True)
class AppriseChannel:
    """A way to one recipient through one of Apprise's services.

    Attributes:
        kind: The service's scheme, the only part of its address that is ever shown.
        plugin: Apprise's object for the address.
        flavour: The markup that the service reads.
    """

    id: str
    kind: str
    plugin: Any = field(repr=False)
    flavour: Flavour

    def send(self, envelope: Envelope) -> str:
        """Send the chat form, with its files where the service carries any, and say it was taken.

        Raises:
            DeliveryError: `refused` where the receiver said no or was not reached, `unknown` where
                it did not answer in time, `configuration` where there is nobody to send to.
        """
        from apprise import Apprise  # noqa: PLC0415  # a third of a second

        sender = Apprise(asset=self.plugin.asset)
        sender.add(self.plugin)
        title, body = _title_and_body(envelope, self.flavour, has_title=self._has_title)
        with files(self.plugin, envelope.attachments) as carried:
            result = sender.notify(
                title=title,
                body=body,
                body_format=as_written(self.plugin, self.flavour),
                attach=carried,
            )
        return self._outcome(result)

    @property
    def _has_title(self) -> bool:
        return self.flavour.is_titled and self.plugin.title_maxlen > 0

    def _outcome(self, result: Any) -> str:
        status = result.status.name
        if status == "SUCCESS":
            return f"taken by the {self.kind} receiver"
        if status == "TIMEOUT":
            message = f"the {self.kind} receiver did not answer in time: unknown whether it has it"
            raise DeliveryError(message, kind="unknown")
        if status == "NOMATCH":
            message = f"the {self.kind} address names nobody to send to"
            raise DeliveryError(message, kind="configuration")
        code = next(_status_codes(result), "")
        told = f"answered {code}" if code else "was not reached or refused it"
        message = f"the {self.kind} receiver {told}"
        raise DeliveryError(message, kind="permanent" if code in _FOR_GOOD else "refused")


def _title_and_body(envelope: Envelope, flavour: Flavour, *, has_title: bool) -> tuple[str, str]:
    """Return the first line as a plain title, where there is a field for one, and the rest."""
    lines = lines_of(envelope.chat or escape_markdown(clean(envelope.subject)))
    if not envelope.chat:
        text = (escape_markdown(line) for line in envelope.text.rstrip().split("\n"))
        lines = (*lines, *lines_of("\n".join(text)))
    if not has_title or len(lines) < 2:
        return "", flavour.write(lines)
    return plain(lines[0]), flavour.write(lines[1:])


def _status_codes(result: Any) -> Iterator[str]:
    for one in result:
        for attempt in one.attempts:
            for entry in attempt.logs:
                if found := _STATUS.search(str(entry.message)):
                    yield found[1]
