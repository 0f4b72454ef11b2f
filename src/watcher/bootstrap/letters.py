"""Every message that is sent, composed and rendered: nothing here sends one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from watcher.config.model import Config
from watcher.core.case import Case
from watcher.core.correction_message import Correction, compose_correction
from watcher.core.digest import Digest, compose_digest
from watcher.core.escalation import Escalation, compose_escalation
from watcher.core.heartbeat import Proof
from watcher.core.heartbeat_message import compose_heartbeat
from watcher.core.links import Action, action_links
from watcher.core.message import compose
from watcher.core.other_sources import Known
from watcher.core.phrases import SourceName, Sources
from watcher.ports import Envelope
from watcher.services.check import Tools


def source_names(config: Config) -> Sources:
    """Return what people call each source, and its tier."""
    return {
        source.id: SourceName(source.title or source.id, source.tier) for source in config.sources
    }


@dataclass(frozen=True, slots=True, kw_only=True)
class Letters:
    """What makes messages.

    Attributes:
        config: Names sources, people and pages.
        tools: Have the clock.
        link_key: Seals one-time links; empty: none are made.
    """

    config: Config
    tools: Tools
    link_key: bytes = field(default=b"", repr=False)

    def compose_digest(self, digest: Digest, key: str) -> Envelope:
        """Return the message of a digest, or of one part of it."""
        from watcher.notify.render import render  # noqa: PLC0415

        message = compose_digest(
            digest.cases,
            period=digest.period,
            why=digest.why,
            sources=source_names(self.config),
            remarks=digest.remarks,
        )
        return render(message, key=key)

    def compose(self, case: Case, why: str, known: Known, recipient: str = "") -> Envelope:
        """Return the message about a case, given what other sources say of its subject.

        Args:
            case: The case.
            why: Why its reader gets it.
            known: What other sources say of the same subject now.
            recipient: Whom it is for; see `links`.
        """
        # Apprise and the renderers are loaded for those who send, not for those who look
        from watcher.notify.render import render  # noqa: PLC0415

        links = self.links(case.key, recipient)
        names = source_names(self.config)
        message = compose(case, why=why, sources=names, known=known, links=links)
        return render(message, key=case.key)

    def links(self, case: str, recipient: str) -> Mapping[Action, str]:
        """Return the one-time links of a message about a case; none where nobody reaches our pages.

        Args:
            case: The case's key.
            recipient: `person:anna`, or `channel:pv-team`; empty: it is not known.
        """
        web = self.config.web
        if web is None or not web.public_url or not self.link_key or not recipient:
            return {}
        return action_links(
            case, recipient, self.link_key, web.public_url, self.tools.recorder.now()
        )

    def compose_escalation(
        self, told: Escalation, key: str, in_reply_to: str, recipient: str
    ) -> Envelope:
        """Return the message about a case that nobody has acknowledged."""
        from watcher.notify.render import render  # noqa: PLC0415

        links = self.links(told.case.key, recipient)
        message = compose_escalation(told, source_names(self.config), links)
        return render(message, key=key, in_reply_to=in_reply_to)

    def compose_heartbeat(self, proof: Proof, key: str) -> Envelope:
        """Return the proof that we watch, with the signed checkpoint to the letter."""
        from watcher.notify.anchor import with_note  # noqa: PLC0415
        from watcher.notify.render import render  # noqa: PLC0415

        envelope = render(compose_heartbeat(proof, source_names(self.config)), key=key)
        return with_note(envelope, proof.anchor.note if proof.anchor else "")

    def compose_correction(self, told: Correction, key: str, in_reply_to: str) -> Envelope:
        """Return the message that puts right what a recipient was told, as an answer to it."""
        from watcher.notify.render import render  # noqa: PLC0415

        message = compose_correction(told, source_names(self.config))
        return render(message, key=key, in_reply_to=in_reply_to)
