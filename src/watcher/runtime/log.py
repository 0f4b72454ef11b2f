"""One line a capture to stderr: readable at a terminal, JSON anywhere else."""

from __future__ import annotations

import json
import logging
import sys
from datetime import UTC, datetime

from watcher.core.capture import instant
from watcher.core.text import tidy
from watcher.services.check import Outcome

_QUIET = ("apscheduler", "apprise", "urllib3", "httpx", "httpcore", "alembic")
"""Libraries that would print addresses with their secrets, or every tick."""


class _Json(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        at = datetime.fromtimestamp(record.created, UTC)
        told: dict[str, object] = {"at": instant(at), "level": record.levelname.casefold()}
        fields = getattr(record, "fields", None)
        told |= fields if isinstance(fields, dict) else {"message": tidy(record.getMessage())}
        if record.exc_info:
            told["exception"] = self.formatException(record.exc_info)
        return json.dumps(told, ensure_ascii=False)


class _Plain(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        fields = getattr(record, "fields", None)
        if isinstance(fields, dict):
            told = " ".join(f"{name}={_quoted(value)}" for name, value in fields.items())
        else:
            told = tidy(record.getMessage())
        trace = f"\n{self.formatException(record.exc_info)}" if record.exc_info else ""
        return f"{self.formatTime(record, '%H:%M:%S')} {told}{trace}"


def _quoted(value: object) -> str:
    text = tidy(str(value))
    return f'"{text}"' if " " in text or not text else text


def to_stderr() -> logging.Logger:
    """Send the program's log to stderr and return it."""
    handler = logging.StreamHandler()
    handler.setFormatter(_Plain() if sys.stderr.isatty() else _Json())
    logger = logging.getLogger("watcher")
    logger.handlers[:] = [handler]
    logger.setLevel(logging.INFO)
    logger.propagate = False
    for name in _QUIET:
        logging.getLogger(name).setLevel(logging.WARNING)
    return logger


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
