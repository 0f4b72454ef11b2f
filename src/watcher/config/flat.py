"""A configuration as paths and values, to be compared with the one before and kept in the log.

Nothing secret stands in it: an address of a channel is told by its kind and by four characters that
differ where the address does.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import fields, is_dataclass
from enum import Enum

from watcher.config.model import Config, Secret
from watcher.core.facts import Value
from watcher.core.text import shorten

MOST = 2_000
"""Settings told one by one; of a larger configuration each entry is told as a whole."""
_LONGEST = 200
_DEEP = 99
_LEAVES = (str, int, bool, float, type(None), Secret, Enum)
_UNTOLD = frozenset({"notices"})


def flat(config: Config) -> dict[str, Value]:
    """Return every setting by its path, `setting[sources.ema.tier]`.

    Args:
        config: The checked configuration.
    """
    told = _told(config, _DEEP)
    for depth in (2, 1):
        if len(told) > MOST:
            told = _told(config, depth)
    return told


def _told(config: Config, depth: int) -> dict[str, Value]:
    return {f"setting[{name}]": value for name, value in _settings(config, "", depth)}


def _settings(value: object, name: str, depth: int) -> Iterator[tuple[str, Value]]:
    parts = _parts(value)
    if parts is None or (depth == 0 and name):
        yield name, _leaf(value)
        return
    for key, part in parts:
        if key not in _UNTOLD:
            yield from _settings(part, f"{name}.{key}" if name else key, depth - 1)


def _parts(value: object) -> list[tuple[str, object]] | None:
    """Return the named parts of a value; None where it is told in one piece."""
    if isinstance(value, _LEAVES):
        return None
    if is_dataclass(value) and not isinstance(value, type):
        return [(part.name, getattr(value, part.name)) for part in fields(value)]
    if isinstance(value, Mapping):
        return [(str(key), part) for key, part in value.items()]
    if isinstance(value, Sequence) and any(hasattr(part, "id") for part in value):
        return [(str(getattr(part, "id", at)), part) for at, part in enumerate(value)]
    return None


def _leaf(value: object) -> Value:
    if isinstance(value, bool | int) or value is None:
        return value
    if isinstance(value, Secret):
        return f"{value.written.partition(':')[0][:40]}, secret {_mark(value.written)}"
    if isinstance(value, Enum):
        return str(value.value)
    text = _text(value)
    return text if len(text) <= _LONGEST else f"{shorten(text, _LONGEST)} {_mark(text)}"


def _text(value: object) -> str:
    """Return a value in one piece, secrets in it marked only."""
    if isinstance(value, Secret):
        return str(_leaf(value))
    if isinstance(value, Enum):
        return str(value.value)
    if is_dataclass(value) and not isinstance(value, type):
        return f"({', '.join(f'{p.name}: {_text(getattr(value, p.name))}' for p in fields(value))})"
    if isinstance(value, Mapping):
        return f"({', '.join(f'{key}: {_text(part)}' for key, part in value.items())})"
    if isinstance(value, Sequence) and not isinstance(value, str):
        return ", ".join(map(_text, value))
    return str(value)


def _mark(text: str) -> str:
    """Return four characters of a digest: enough to see a change by, too few to guess from."""
    return hashlib.sha256(text.encode()).hexdigest()[:4]
