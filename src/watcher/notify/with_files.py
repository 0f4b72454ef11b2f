"""A channel whose messages have files with them, made at the moment of sending."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace

from watcher.ports import Attachment, Channel, Envelope


@dataclass(frozen=True, slots=True, kw_only=True)
class WithFiles:
    """Another channel, with files put into each envelope before it takes it.

    Attributes:
        channel: What sends.
        make: Makes the files of a message; what it cannot make it names in one of them.
    """

    channel: Channel
    make: Callable[[Envelope], tuple[Attachment, ...]] = field(repr=False)

    @property
    def id(self) -> str:
        """Return the channel's id."""
        return self.channel.id

    def send(self, envelope: Envelope) -> str:
        """Send a message with its files and return what the receiver said.

        Raises:
            DeliveryError: As the channel does.
        """
        return self.channel.send(replace(envelope, attachments=self.make(envelope)))
