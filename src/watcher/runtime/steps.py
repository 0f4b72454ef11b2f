"""What is done with what the log holds: told, sent, escalated, sealed, remembered, proven.

Each step finds by itself what there is to do, and does it once however often it is called; so any
engine may call it, in one process or in many.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass

from watcher.bootstrap import Watcher
from watcher.services.memos import remember


@dataclass(frozen=True, slots=True)
class Steps:
    """The steps of one program.

    Attributes:
        watcher: The program.
        log: Where what was done is told.
    """

    watcher: Watcher
    log: logging.Logger

    def tell(self) -> int:
        """Put messages into the outbox for what is new in the log; return how many."""
        done = self.watcher.alert()
        if done.queued:
            self.log.info("queued %d messages on %d cases", done.queued, done.cases)
        for told in done.unheard:
            channel, reason = told.event.subject.id, told.event.details.get("reason", "")
            self.log.error(
                "channel %s took no message (%s), and no operator can be told through another: "
                "see `watcher alerts --state given_up`",
                channel,
                reason,
            )
        return done.queued

    def send(self, channel: str, is_over: Callable[[], bool]) -> int:
        """Send what is due through one channel; `is_over` is asked before each message.

        Returns:
            How many were delivered.
        """
        delivered = self.watcher.deliver_through(channel, is_over)
        if delivered:
            self.log.info("delivered %d messages through %s", delivered, channel)
        return delivered

    def escalate(self) -> None:
        """Tell somebody else of what nobody has acknowledged in time."""
        if escalated := self.watcher.escalate():
            self.log.info("escalated %d cases", escalated)

    def seal(self) -> None:
        """Seal the looks since the last seal into the log and sign its head."""
        done = self.watcher.seal()
        if done.checkpoint is not None:
            self.log.info("signed a checkpoint over %d events", done.checkpoint.size)

    def remember(self) -> None:
        """Keep a memo of the past where one is due: every few thousand events."""
        if position := remember(self.watcher.store):
            self.log.info("kept a memo of the log up to %d", position)

    def prove(self) -> None:
        """Send the weekly proof that we watch where one is due."""
        if sent := self.watcher.heartbeat():
            self.log.info("queued %d heartbeats", sent)
