"""One line a capture to stderr: readable at a terminal, JSON anywhere else.

What a page says may stand in a line, and a page may say anything: so no line holds a line break of
its own, nor anything that would steer the terminal it is read on, nor a secret of a channel.
"""

from __future__ import annotations

import json
import logging
import sys
from collections.abc import Iterable
from datetime import UTC, datetime

from watcher.core.capture import instant
from watcher.core.text import visible
from watcher.notify.redact import hide, secrets_of
from watcher.services.check import Outcome

_QUIET = ("apscheduler", "httpx", "httpcore", "alembic", "uvicorn")
"""Libraries that would print every tick or request; what they warn of is told."""
_SILENT = ("apprise", "urllib3", "requests")
"""Libraries whose warnings repeat addresses with their tokens: never told."""


class _Guarded(logging.Formatter):
    """A line without control characters and without the secrets it was told to hide."""

    secrets: tuple[str, ...] = ()

    def told(self, record: logging.LogRecord) -> dict[str, object]:
        """Return what a record says, as fields."""
        fields = getattr(record, "fields", None)
        return dict(fields) if isinstance(fields, dict) else {"message": record.getMessage()}

    def safe(self, text: str, keep: str = "") -> str:
        """Return `text` as it may be printed."""
        return visible(hide(text, self.secrets), keep=keep)


class _Json(_Guarded):
    def format(self, record: logging.LogRecord) -> str:
        at = datetime.fromtimestamp(record.created, UTC)
        told: dict[str, object] = {"at": instant(at), "level": record.levelname.casefold()}
        told |= self.told(record)
        if record.exc_info:
            told["exception"] = self.formatException(record.exc_info)
        plain = {
            name: value if isinstance(value, int) else self.safe(str(value), keep="\n\t")
            for name, value in told.items()
        }
        return json.dumps(plain, ensure_ascii=False)


class _Plain(_Guarded):
    def format(self, record: logging.LogRecord) -> str:
        told = self.told(record)
        if told.keys() == {"message"}:
            line = self.safe(str(told["message"]))
        else:
            line = " ".join(f"{name}={self._quoted(value)}" for name, value in told.items())
        trace = f"\n{self.formatException(record.exc_info)}" if record.exc_info else ""
        return f"{self.formatTime(record, '%H:%M:%S')} {line}{self.safe(trace, keep=chr(10))}"

    def _quoted(self, value: object) -> str:
        text = self.safe(str(value)).replace('"', "'")
        return f'"{text}"' if " " in text or not text else text


def to_stderr() -> logging.Logger:
    """Send the program's log to stderr and return it."""
    handler = logging.StreamHandler()
    handler.setFormatter(_Plain() if sys.stderr.isatty() else _Json())
    logger = logging.getLogger("watcher")
    logger.handlers[:] = [handler]
    logger.setLevel(logging.INFO)
    logger.propagate = False
    for name in (*_QUIET, *_SILENT):
        quiet = logging.getLogger(name)
        quiet.setLevel(logging.WARNING)
        # by us or not at all, never by Python's handler of last resort, which hides nothing
        quiet.handlers[:] = [handler] if name in _QUIET else [logging.NullHandler()]
        quiet.propagate = False
    return logger


def hide_secrets(logger: logging.Logger, urls: Iterable[str]) -> None:
    """Keep the secrets of the channel addresses `urls` out of every line from now on."""
    secrets = secrets_of(urls)
    for handler in logger.handlers:
        if isinstance(handler.formatter, _Guarded):
            handler.formatter.secrets = secrets


def of_outcome(outcome: Outcome, next_due: str) -> dict[str, object]:
    """Return the canonical line of one capture."""
    capture = outcome.capture
    told: dict[str, object] = {"source": capture.source, "verdict": str(capture.verdict)}
    if capture.reason:
        told["reason"] = capture.reason
    if capture.digest:
        told["payload"] = capture.digest[:19]
    if outcome.baseline:
        told["baseline"] = outcome.baseline
    told |= {"events": len(outcome.events), "ms": capture.milliseconds, "next": next_due[:16] + "Z"}
    return told
