"""The sample that shows whether a channel works."""

from __future__ import annotations

from watcher.core.taxonomy import Severity
from watcher.core.trial_message import SHOW, compose_trial
from watcher.notify.render import render


def test_a_sample_is_a_test_in_every_form_and_names_its_channel():
    message = compose_trial("pv-team", "2026-11-22T06:21:07Z")
    told = render(message, key="trial")

    assert message.severity is Severity.LOW
    assert message.data == {"kind": "test", "recorded_at": "2026-11-22T06:21:07Z"}
    for form in (told.subject, told.text, told.chat, told.html):
        assert "TEST" in form
        assert "pv-team" in form
    assert "22 November 2026, 06:21 UTC" in message.headline
    assert SHOW in told.text
