"""One more item in a section of `sources.yaml`, every other byte of which stays as it is."""

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

MARK = b"\xef\xbb\xbf"
"""A byte order mark, as some editors write it."""


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
    after = with_item(before, item, path)
    found = check(after)
    if replace(found, sources=found.sources[:-1], notices=known.notices) != known:
        raise refused(path, "the entry would change what else stands in the file")
    replace_file(path, after)
    return found


def with_item(body: bytes, item: str, path: Path, section: str = "sources") -> bytes:
    """Return the file `body` with `item` behind the last one of a section.

    Args:
        body: The file.
        item: The item, as `writing.as_item` makes it.
        path: The file's place, for what is wrong with it.
        section: The section's key; one that is not there yet is begun at the file's end.

    Raises:
        ConfigError: The section is no list of lines that begin with a hyphen.
    """
    text = body.removeprefix(MARK).decode()
    node = in_mapping(yaml.compose(text, Loader=yaml.SafeLoader), section)
    if node is None and section != "sources":
        begun = "".join(f"  {line}\n" for line in item.splitlines())
        return _spliced(body, len(text), f"{section}:\n{begun}", is_apart=True)
    if not isinstance(node, yaml.SequenceNode) or node.flow_style or not node.value:
        message = "stands in brackets, to which only a person can add; paste the entry there"
        line = node.start_mark.line + 1 if node else 1
        raise refused(path, message, line=line, key=section)
    indent = " " * node.start_mark.column
    lines = item.splitlines()
    added = "".join(f"{indent}{line}\n" for line in lines)
    return _spliced(body, end_of_line(text, end_of(node)), added, is_apart=len(lines) > 1)


def with_line(body: bytes, node: yaml.SequenceNode, line: str, value: str) -> bytes:
    """Return the file `body` with one more value in the list that `node` is of it.

    Args:
        body: The file.
        node: A list that has at least one value, as `yaml.compose` found it in the file's text.
        line: The value with its comment, for a list of lines.
        value: The value alone, for a list in brackets.
    """
    text = body.removeprefix(MARK).decode()
    end = end_of(node.value[-1])
    if node.flow_style:
        return _spliced(body, end, f", {value}")
    indent = " " * node.start_mark.column
    return _spliced(body, end_of_line(text, end), f"{indent}- {line}\n")


def _spliced(body: bytes, at: int, added: str, *, is_apart: bool = False) -> bytes:
    """Return the file with `added` at a place of its text, in the line ends of the file.

    Args:
        body: The file.
        at: The place, in characters.
        added: What comes in there, with line feeds for line ends.
        is_apart: Leave an empty line before it.
    """
    text = body.removeprefix(MARK).decode()
    newline = "\r\n" if "\r\n" in text else "\n"
    before, rest = text[:at], text[at:]
    gap = "\n" if "\n" in added and not before.endswith("\n") else ""
    put = (gap + "\n" * is_apart + added).replace("\n", newline)
    return (MARK if body.startswith(MARK) else b"") + f"{before}{put}{rest}".encode()


def in_mapping(node: yaml.Node | None, name: str) -> yaml.Node | None:
    """Return what stands at a key of a mapping; None where it is none, or has no such key."""
    pairs = node.value if isinstance(node, yaml.MappingNode) else ()
    return next((value for key, value in pairs if key.value == name), None)


def end_of_line(text: str, at: int) -> int:
    """Return where the line that ends at or holds `at` is over."""
    return at if text[at - 1] == "\n" else text.find("\n", at) + 1 or len(text)


def end_of(node: yaml.Node) -> int:
    """Return where the last value of `node` ends; YAML's own mark lies behind comments, too."""
    is_block = isinstance(node, yaml.CollectionNode) and not node.flow_style and node.value
    if not is_block:
        return node.end_mark.index if node.end_mark else 0
    last = node.value[-1]
    return end_of(last[1] if isinstance(last, tuple) else last)


def refused(path: Path, message: str, *, line: int = 1, key: str = "sources") -> ConfigError:
    """Return the error of a file that cannot be added to."""
    return ConfigError([Problem(file=str(path), line=line, key=key, message=message)])


def replace_file(path: Path, body: bytes) -> None:
    """Put `body` in the place of the file at `path`, or where its link leads, whole or not at all.

    Raises:
        ConfigError: It cannot be written.
    """
    path = path.resolve()
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
    return refused(path, f"the entry cannot be written: {error.strerror or 'unknown error'}")
