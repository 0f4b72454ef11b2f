"""What the tests of channels send, and how they ask for it."""

from __future__ import annotations

import pytest

from kit.clocks import StandingClock
from watcher.errors import DeliveryError
from watcher.notify.channels import channel
from watcher.ports import Channel, Envelope

CLOCK = StandingClock()
ENVELOPE = Envelope(
    key="4f2a90c1",
    subject="[CRITICAL] Alofisel – EU marketing authorisation: Authorised → Withdrawn",
    text="WHAT CHANGED   Authorised → Withdrawn\n.\nFrom here on, as it stands.\n",
    html="<!doctype html><p>Authorised → <b>Withdrawn</b></p>",
    chat="**▲ CRITICAL – Alofisel \\[x\\]**\n**Authorised → Withdrawn**\nlast line · key 4f2a90c1",
)


def way(url: str, seconds: float = 10.0) -> Channel:
    return channel("me", url, clock=CLOCK, seconds=seconds)


def refusal(url: str, *, seconds: float = 10.0) -> DeliveryError:
    """Send and return why it was not taken."""
    with pytest.raises(DeliveryError) as caught:
        way(url, seconds).send(ENVELOPE)
    return caught.value
