"""`storage.retention`: durations, or never."""

from __future__ import annotations

import pytest

from kit.configs import SMALLEST, loaded
from watcher.core.retention import Retention
from watcher.core.settle import NEVER
from watcher.errors import ConfigError

DAY = 86_400


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("{}", Retention(unbelieved=90 * DAY, unchanged=NEVER)),
        ("{unbelieved: 30d}", Retention(unbelieved=30 * DAY, unchanged=NEVER)),
        ("{unbelieved: never, unchanged: 1d}", Retention(unbelieved=NEVER, unchanged=DAY)),
    ],
)
def test_a_time_is_a_duration_or_never(tmp_path, written, meant):
    config = loaded(f"{SMALLEST}storage: {{retention: {written}}}\n", tmp_path)

    assert config.storage.retention == meant


def test_without_a_section_the_defaults_hold(tmp_path):
    assert loaded(SMALLEST, tmp_path).storage.retention == Retention()


def test_never_is_shown_as_it_is_written(tmp_path):
    shown = loaded(SMALLEST, tmp_path).redacted()["storage"]

    assert shown["retention"] == {"unbelieved": 90 * DAY, "unchanged": "never"}


@pytest.mark.parametrize(
    ("written", "told"),
    [
        ("{unbelieved: soon}", "storage.retention.unbelieved: expected a duration"),
        ("{unbelieved: 1h}", "storage.retention.unbelieved: expected something from 1d to 9999d"),
        ("{unchanged: 5}", "storage.retention.unchanged: expected a duration"),
        ("{unbeleived: 1d}", "did you mean 'unbelieved'"),
        ("90d", "storage.retention: expected a retention section"),
    ],
)
def test_what_is_no_time_is_refused_by_its_key(tmp_path, written, told):
    with pytest.raises(ConfigError) as caught:
        loaded(f"{SMALLEST}storage: {{retention: {written}}}\n", tmp_path)

    assert told in str(caught.value)
