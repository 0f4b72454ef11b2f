"""A sample that goes through a channel to see whether it works: plainly a test in every form."""

from __future__ import annotations

from watcher.core import wording
from watcher.core.message import Message
from watcher.core.phrases import FromTo, instant
from watcher.core.sections import Line, Section
from watcher.core.taxonomy import Severity

SHOW = "watcher show 000000000000"


def compose_trial(channel: str, at: str) -> Message:
    """Return the sample: all that messages are made of, about a medicine that does not exist.

    Args:
        channel: The channel's id.
        at: When it is sent, RFC 3339 UTC.
    """
    when = instant(at, seconds=False)
    headline = wording.TRIAL_HEADLINE.format(when=when)
    before, after = wording.TRIAL_CHANGE
    looks = (
        Line(wording.TRIAL_EXAMPLE, style="strong"),
        Line(wording.TRIAL_CHARACTERS, "characters"),
        Line(wording.TRIAL_QUOTE, "quote", "quote"),
        Line(SHOW, "command", "command", wording.TRIAL_COMMAND_NOTE),
    )
    return Message(
        subject=wording.TRIAL_SUBJECT.format(channel=channel),
        severity=Severity.LOW,
        badge=wording.TRIAL,
        title=wording.TRIAL_TITLE.format(channel=channel),
        headline=headline,
        topic=wording.TRIAL_TOPIC,
        change=FromTo(before, after),
        brief=(
            Line(wording.TRIAL_EXAMPLE, style="strong"),
            Line(headline),
            Line(wording.TRIAL_CHARACTERS),
            Line(SHOW, style="command"),
        ),
        sections=(
            Section(wording.SECTIONS["trial"], looks),
            Section(wording.SECTIONS["why"], (Line(wording.TRIAL_WHY.format(channel=channel)),)),
            Section(wording.SECTIONS["do"], (Line(wording.TRIAL_DO),)),
        ),
        footer=(wording.TRIAL_FOOT,),
        data={"kind": "test", "recorded_at": at},
    )
