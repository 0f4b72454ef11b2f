"""One more medicine on a watch list of `sources.yaml`, every other byte of which stays as it is."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import Literal

import yaml

from watcher.config.addition import MARK, in_mapping, refused, with_item, with_line
from watcher.config.first_file import Watched, line_of
from watcher.config.model import Config
from watcher.config.writing import scalar
from watcher.core.watch_list import WatchList

Filter = Literal["products", "substances"]
_NEW_ID = {"products": "my-products", "substances": "my-substances"}
_TITLE = {"products": "My products", "substances": "My substances"}
_NAMES = frozenset({"id", "title"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """Whom a new rule tells of a new watch list.

    Attributes:
        key: `tell` for people and groups, `channels` for channels.
        ids: Their ids.
    """

    key: Literal["tell", "channels"]
    ids: tuple[str, ...]


def takes(config: Config, wanted: Filter) -> tuple[WatchList, ...]:
    """Return the lists that a medicine or substance can be added to.

    A list with other filters, too, is none: each filter that is given has to find something, so one
    more value in one of them would not make the list hold the medicine.
    """
    others = [each.name for each in fields(WatchList) if each.name not in {*_NAMES, wanted}]
    return tuple(
        listed
        for listed in config.watch_lists
        if getattr(listed, wanted) and not any(getattr(listed, other) for other in others)
    )


def with_watched(
    body: bytes, path: Path, listed: WatchList, wanted: Filter, watched: Watched
) -> bytes:
    """Return the file `body` with one more line in a watch list that is there.

    Raises:
        ConfigError: The list is written in a way that only a person can add to.
    """
    text = body.removeprefix(MARK).decode()
    lists = in_mapping(yaml.compose(text, Loader=yaml.SafeLoader), "watch_lists")
    for item in lists.value if isinstance(lists, yaml.SequenceNode) else ():
        name, values = in_mapping(item, "id"), in_mapping(item, wanted)
        if name is not None and name.value == listed.id and isinstance(values, yaml.SequenceNode):
            return with_line(body, values, line_of(watched), scalar(watched.text))
    message = f"the list {listed.id} cannot be added to; paste the line there: {watched.text}"
    raise refused(path, message, key="watch_lists")


def with_new_list(
    body: bytes, path: Path, config: Config, wanted: Filter, watched: Watched, told: Told | None
) -> bytes:
    """Return the file `body` with a new watch list, and a rule that tells somebody of it.

    Raises:
        ConfigError: A section is written in a way that only a person can add to.
    """
    taken = {listed.id for listed in config.watch_lists} | {rule.id for rule in config.rules}
    id_ = next(each for each in _ids(_NEW_ID[wanted]) if each not in taken)
    lines = [
        f"- id: {id_}",
        f"  title: {_TITLE[wanted]}",
        f"  {wanted}:",
        f"    - {line_of(watched)}",
    ]
    body = with_item(body, "".join(f"{line}\n" for line in lines), path, "watch_lists")
    if told is None:
        return body
    ids = ", ".join(told.ids)
    rule = f"- {{id: {id_}, watch_list: {id_}, least: normal, {told.key}: [{ids}]}}\n"
    return with_item(body, rule, path, "rules")


def _ids(first: str) -> Iterator[str]:
    yield first
    number = 2
    while True:
        yield f"{first}-{number}"
        number += 1


def checked_addition(
    path: Path, before: Config, after: bytes, check: Callable[[bytes], Config]
) -> Config:
    """Return what the file would be, having seen that nothing in it is lost or changed.

    Args:
        path: The file's place.
        before: What the file was.
        after: The bytes it would have.
        check: Returns what a file of these bytes would be, or raises ConfigError.

    Raises:
        ConfigError: It could not be used, or something else in it would change.
    """
    found = check(after)
    is_kept = (
        found.sources[: len(before.sources)] == before.sources
        and _are_kept(before.watch_lists, found.watch_lists)
        and [rule.id for rule in found.rules][: len(before.rules)]
        == [rule.id for rule in before.rules]
    )
    same = replace(
        found,
        sources=before.sources,
        watch_lists=before.watch_lists,
        rules=before.rules,
        notices=before.notices,
    )
    if not is_kept or same != before:
        raise refused(path, "the addition would change what else stands in the file", key="(file)")
    return found


def _are_kept(before: Sequence[WatchList], after: Sequence[WatchList]) -> bool:
    """Return whether each list is there in its place, and has lost nothing."""
    return len(after) >= len(before) and all(
        old.id == new.id
        and all(
            getattr(new, part.name)[: len(getattr(old, part.name))] == getattr(old, part.name)
            for part in fields(WatchList)
        )
        for old, new in zip(before, after, strict=False)
    )
