"""One more source in `sources.yaml`, every other byte of which stays as it is."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import yaml

from watcher.config.load import read
from watcher.config.model import Config
from watcher.errors import ConfigError, Problem

_MARK = b"\xef\xbb\xbf"


def add_source(path: Path, item: str, check: Callable[[bytes], Config]) -> Config:
    """Add `item` to the sources of the file at `path` and return the configuration it then is.

    Args:
        path: The file; it is replaced as a whole or not at all.
        item: The entry as an item of a list, as `writing.as_item` makes it.
        check: Returns what a file of these bytes would be, or raises ConfigError.

    Raises:
        ConfigError: The file cannot be used as it is, or could not be with the entry, or its list
            of sources is not written in a way that takes one more; nothing was written.
    """
    before = read(path)
    known = check(before)
    after = with_source(before, item, path)
    found = check(after)
    if replace(found, sources=found.sources[:-1], notices=known.notices) != known:
        raise _refused(path, "the entry would change what else stands in the file")
    _replace(path.resolve(), after)
    return found


def with_source(body: bytes, item: str, path: Path) -> bytes:
    """Return the file `body` with `item` behind the last of its sources.

    Raises:
        ConfigError: Its sources are no list of lines that begin with a hyphen.
    """
    text = body.removeprefix(_MARK).decode()
    sources = _sources(text)
    if sources is None or sources.flow_style or not sources.value:
        message = "stands in brackets, to which only a person can add; paste the entry there"
        raise _refused(path, message, line=sources.start_mark.line + 1 if sources else 1)
    end = _end(sources)
    if text[end - 1] != "\n":
        end = text.find("\n", end) + 1 or len(text)
    before, rest = text[:end], text[end:]
    newline = "\r\n" if "\r\n" in text else "\n"
    apart = newline if before.endswith("\n") else newline * 2
    indent = " " * sources.start_mark.column
    added = "".join(f"{indent}{line}{newline}" for line in item.splitlines())
    whole = f"{before}{apart}{added}{rest}".encode()
    return (_MARK if body.startswith(_MARK) else b"") + whole


def _sources(text: str) -> yaml.SequenceNode | None:
    root = yaml.compose(text, Loader=yaml.SafeLoader)
    pairs = root.value if isinstance(root, yaml.MappingNode) else ()
    nodes = (value for name, value in pairs if name.value == "sources")
    return next((node for node in nodes if isinstance(node, yaml.SequenceNode)), None)


def _end(node: yaml.Node) -> int:
    """Return where the last value of `node` ends; YAML's own mark lies behind comments, too."""
    is_block = isinstance(node, yaml.CollectionNode) and not node.flow_style and node.value
    if not is_block:
        return node.end_mark.index if node.end_mark else 0
    last = node.value[-1]
    return _end(last[1] if isinstance(last, tuple) else last)


def _refused(path: Path, message: str, line: int = 1) -> ConfigError:
    return ConfigError([Problem(file=str(path), line=line, key="sources", message=message)])


def _replace(path: Path, body: bytes) -> None:
    """Put `body` in the place of the file at `path`, whole or not at all."""
    try:
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    except OSError as error:
        raise _unwritable(path, error) from error
    new = Path(name)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(body)
            file.flush()
            os.fsync(file.fileno())
        new.chmod(path.stat().st_mode & 0o777)
        new.replace(path)
    except OSError as error:
        new.unlink(missing_ok=True)
        raise _unwritable(path, error) from error


def _unwritable(path: Path, error: OSError) -> ConfigError:
    return _refused(path, f"the entry cannot be written: {error.strerror or 'unknown error'}")
