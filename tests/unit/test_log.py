"""Lines of the log: one line each, whatever a page says, and never a secret."""

from __future__ import annotations

import io
import json
import logging

import pytest

from watcher.core.text import visible
from watcher.runtime.log import hide_secrets, to_stderr

HOSTILE = "\x1b]0;owned\x07\x1b[2Jname\r\nFAKE LINE \x9b31m\u202etxt.exe\u2028next\x00"
CHANNELS = (
    "slack://T0KEN0000/B0KEN0000/s3cretTok3n",
    "mailtos://bot:pw%21x@mx.example.org/?to=a@b.eu",
)
NAMES = ("watcher", "apscheduler", "apprise", "urllib3", "requests", "httpx", "httpcore", "alembic")


class Screen(io.StringIO):
    """A stream that is a terminal, or is none."""

    def __init__(self, *, is_terminal: bool) -> None:
        super().__init__()
        self._is_terminal = is_terminal

    def isatty(self) -> bool:
        return self._is_terminal


@pytest.fixture(params=[True, False], ids=["at a terminal", "as JSON"])
def screen(request, monkeypatch):
    kept = {
        name: (logger.handlers[:], logger.level, logger.propagate)
        for name in NAMES
        if (logger := logging.getLogger(name))
    }
    screen = Screen(is_terminal=request.param)
    monkeypatch.setattr("sys.stderr", screen)
    to_stderr()
    monkeypatch.undo()
    yield screen
    for name, (handlers, level, propagate) in kept.items():
        logger = logging.getLogger(name)
        logger.handlers[:], logger.propagate = handlers, propagate
        logger.setLevel(level)


def fail(error: Exception) -> None:
    raise error


def test_no_message_breaks_its_line_or_steers_the_terminal(screen):
    log = logging.getLogger("watcher")

    log.info("%s", HOSTILE)
    log.info("capture", extra={"fields": {"source": "a", "reason": HOSTILE}})

    lines = screen.getvalue().split("\n")
    assert len(lines) == 3
    assert all(line.isprintable() for line in lines)
    assert "FAKE LINE" in lines[0]


def test_an_exception_is_told_without_steering_the_terminal(screen):
    log = logging.getLogger("watcher")
    try:
        fail(ValueError(HOSTILE))
    except ValueError:
        log.exception("unforeseen")

    told = screen.getvalue()
    assert "ValueError" in told
    assert all(line.isprintable() for line in told.split("\n"))


@pytest.mark.parametrize(
    "secret",
    ["s3cretTok3n", "T0KEN0000", "pw%21x", "pw!x", "Ym90OnB3IXg=", CHANNELS[0]],
    ids=["token", "host", "password", "decoded", "as a login", "whole"],
)
def test_a_secret_of_a_channel_stands_in_no_line(screen, secret):
    log = logging.getLogger("watcher")
    log.warning("%s", f"before: {secret}")
    assert secret in screen.getvalue()

    hide_secrets(log, CHANNELS)
    screen.truncate(0)
    log.warning("%s", f"now: {secret}")
    log.info("capture", extra={"fields": {"reason": f"got {secret}"}})
    try:
        fail(RuntimeError(secret))
    except RuntimeError:
        log.exception("failed")

    assert secret not in screen.getvalue()
    assert "•••" in screen.getvalue()


def test_what_is_no_secret_stays_readable(screen):
    log = logging.getLogger("watcher")
    hide_secrets(log, (*CHANNELS, "folder:data/messages"))

    log.info("mx.example.org took data/messages")

    assert "mx.example.org took data/messages" in screen.getvalue()


def test_libraries_that_repeat_tokens_are_silent_and_others_speak_through_us(screen):
    logging.getLogger("urllib3.connectionpool").warning("retrying /%s", "s3cretTok3n")
    logging.getLogger("apprise").error("failed at %s", "s3cretTok3n")
    logging.getLogger("alembic.runtime").warning("odd\x1b[2J")

    assert "s3cretTok3n" not in screen.getvalue()
    assert r"odd\x1b[2J" in screen.getvalue().replace("\\\\", "\\")


def test_a_line_for_machines_is_json_with_its_fields(screen):
    log = logging.getLogger("watcher")
    log.info("capture", extra={"fields": {"source": "ema", "events": 2}})

    line = screen.getvalue()
    if screen.isatty():
        assert line.endswith("source=ema events=2\n")
    else:
        assert json.loads(line).items() >= {"source": "ema", "events": 2, "level": "info"}.items()


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("Alofisel – 13 déc. 2024 日本", "Alofisel – 13 déc. 2024 日本"),
        ("a\u00a0b", "a\u00a0b"),
        ("\x1b[31m", r"\x1b[31m"),
        ("\x9b31m", r"\x9b31m"),
        ("a\u202eb\u2066c", r"a\u202eb\u2066c"),
        ("a\r\nb", r"a\r\nb"),
        ("\ud800", r"\ud800"),
    ],
)
def test_only_what_steers_a_screen_is_written_out(text, shown):
    assert visible(text) == shown
