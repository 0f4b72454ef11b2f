"""Secrets in the file `.env` beside `sources.yaml`: for whoever has no other place for them.

A line is `NAME=value`; the value may stand in quotes, as a shell, systemd and compose would read it
too. It fills only the `${NAMES}` of the configuration, and only those that the environment does not
have: nothing of it becomes part of any process's environment.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path

from watcher.errors import ConfigError, Problem

ENV_FILE = ".env"
_LARGEST = 65_536
_LINE = re.compile(r"(?:export\s+)?([A-Za-z_][A-Za-z0-9_]*)=(.*)")
_IN_DOUBLE = re.compile(r'"((?:[^"\\]|\\.)*)"\s*(?:#.*)?')
_IN_SINGLE = re.compile(r"'([^']*)'\s*(?:#.*)?")
_BARE = re.compile(r"[\w%+,./:=@~^-]+", re.ASCII)
_ESCAPED = re.compile(r'\\(["\\$`])')


def env_file(config: Path) -> Path:
    """Return the path of the file `.env` that goes with the configuration at `config`."""
    return config.parent / ENV_FILE


def with_env_file(config: Path, environment: Mapping[str, str]) -> Mapping[str, str]:
    """Return the environment, and what it does not have from the file beside the configuration.

    Args:
        config: The configuration's path; the file need not be there.
        environment: The environment variables; `NAME_FILE` goes before `NAME` of the file, too.

    Raises:
        ConfigError: The file is there and cannot be read, or a line of it is none; no message
            shows what stands in it.
    """
    kept = read_env_file(env_file(config))
    new = {
        name: value
        for name, value in kept.items()
        if name not in environment and f"{name}_FILE" not in environment
    }
    return {**new, **environment}


def read_env_file(path: Path) -> dict[str, str]:
    """Return the variables in the file at `path`; none where there is no such file.

    Raises:
        ConfigError: It cannot be read, or a line of it is none.
    """
    try:
        with path.open("rb") as file:
            body = file.read(_LARGEST + 1)
        text = body.decode("utf-8-sig")
    except FileNotFoundError:
        return {}
    except OSError as error:
        raise _refused(path, [(1, f"cannot be read: {error.strerror}")]) from None
    except UnicodeDecodeError:
        raise _refused(path, [(1, "is not UTF-8")]) from None
    if len(body) > _LARGEST:
        raise _refused(path, [(1, f"is larger than {_LARGEST} bytes")])
    lines = [*enumerate(map(str.strip, text.splitlines()), start=1)]
    found = {number: _assigned(line) for number, line in lines if line and line[0] != "#"}
    wrong = [number for number, pair in found.items() if pair is None]
    if wrong:
        message = "expected NAME=value, the value in quotes where it holds blanks or quotes"
        raise _refused(path, [(number, message) for number in wrong])
    return dict(pair for pair in found.values() if pair is not None)


def assignment(name: str, value: str) -> str:
    """Return the line that gives `name` this value, without a line end, as a shell reads it too."""
    if _BARE.fullmatch(value):
        return f"{name}={value}"
    if "'" not in value:
        return f"{name}='{value}'"
    escaped = re.sub(r'(["\\$`])', r"\\\1", value)
    return f'{name}="{escaped}"'


def _assigned(line: str) -> tuple[str, str] | None:
    match = _LINE.fullmatch(line)
    if match is None:
        return None
    name, written = match[1], match[2].strip()
    if quoted := _IN_SINGLE.fullmatch(written):
        return name, quoted[1]
    if quoted := _IN_DOUBLE.fullmatch(written):
        return name, _ESCAPED.sub(r"\1", quoted[1])
    return None if written[:1] in {"'", '"'} else (name, written)


def _refused(path: Path, wrong: list[tuple[int, str]]) -> ConfigError:
    return ConfigError(list(_problems(path, wrong)))


def _problems(path: Path, wrong: list[tuple[int, str]]) -> Iterator[Problem]:
    for line, message in wrong:
        yield Problem(file=str(path), line=line, key=ENV_FILE, message=message)
