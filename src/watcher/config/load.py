"""From a file and the environment to a `Config`, or every problem in it at once."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import replace
from pathlib import Path

from watcher.config.addresses import database_in, sqlite_file
from watcher.config.document import MAX_BYTES, ROOT, DocumentError, Entries, Node, parse
from watcher.config.inspection import Inspection
from watcher.config.model import Config, Secret, Storage
from watcher.config.permissions import notices
from watcher.config.section import Values, check_ids, ids_in
from watcher.config.shape import CONFIG
from watcher.core.rules import EVERYTHING, Rule, WatchList
from watcher.errors import ConfigError, Problem

_WITH_IDS = ("sources", "watch_lists", "channels", "people", "groups", "rules")
_ESCALATED_AFTER = 4 * 3600
"""Seconds without an acknowledgement, where the rule does not tell."""
_TO_BE_USED = {"watch_lists": "watch list", "channels": "channel"}


def load(
    path: Path,
    environment: Mapping[str, str],
    readers: Collection[str],
    *,
    probe: Callable[[str], object] = str,
) -> Config:
    """Return the configuration in the file at `path`.

    Args:
        path: The file; relative paths in it start at its folder.
        environment: The environment variables that `${NAME}` may refer to.
        readers: The names of the readers there are.
        probe: Called with the address of each channel, secrets and all, by whoever knows how to
            send to it; raises ValueError where it cannot, in words that show no secret.

    Raises:
        ConfigError: It cannot be used; all problems are told, in the order of the file.
    """
    config = checked(read(path), path, environment, readers, probe=probe)
    return replace(config, notices=(*config.notices, *notices(path, config)))


def read(path: Path) -> bytes:
    """Return the file's bytes, and one more than may be where there are too many.

    Raises:
        ConfigError: It cannot be read.
    """
    try:
        with path.open("rb") as file:
            return file.read(MAX_BYTES + 1)
    except OSError as error:
        message = f"cannot be read: {error.strerror or 'unknown error'}"
        raise _unusable(path, 1, message) from None


def checked(
    body: bytes,
    path: Path,
    environment: Mapping[str, str],
    readers: Collection[str],
    *,
    probe: Callable[[str], object] = str,
) -> Config:
    """Return the configuration that `body` would be in the file at `path`; see `load`.

    Raises:
        ConfigError: It cannot be used; all problems are told, in the order of the file.
    """
    try:
        root = parse(body)
    except DocumentError as error:
        raise _unusable(path, error.line, str(error)) from None
    sections = root.nodes if isinstance(root, Entries) else {}
    on = Inspection(
        file=str(path),
        folder=path.parent.absolute(),
        environment=environment,
        probe=probe,
        known={
            "readers": frozenset(readers),
            **{name: ids_in(sections.get(name)) for name in _WITH_IDS},
            "recipients": ids_in(sections.get("people")) | ids_in(sections.get("groups")),
        },
    )
    for name in _WITH_IDS:
        check_ids(sections.get(name), on)
    _refuse_shared(sections, on)
    values = CONFIG.read(root, on)
    if on.problems or values is None:
        raise ConfigError(sorted(on.problems, key=lambda problem: problem.line))
    _advise_on_unused(sections, on)
    return _config(values, on)


def _unusable(path: Path, line: int, message: str) -> ConfigError:
    """Return the error of a file that is no document at all."""
    return ConfigError([Problem(file=str(path), line=line, key=ROOT, message=message)])


def _refuse_shared(sections: Mapping[str, Node], on: Inspection) -> None:
    """Note each group with the id of a person: a rule that names it could mean either."""
    for shared in sorted(ids_in(sections.get("people")) & ids_in(sections.get("groups"))):
        on.note(sections["groups"], f"the id '{shared}' is a person's already")


def _advise_on_unused(sections: Mapping[str, Node], on: Inspection) -> None:
    for name, what in _TO_BE_USED.items():
        for unused in sorted(ids_in(sections.get(name))):
            if (name, unused) not in on.used:
                on.advise(sections[name], f"no rule names the {what} '{unused}'")


def _config(values: Values, on: Inspection) -> Config:
    """Return the configuration; a rule is given its watch list itself, not its id."""
    lists = {listed.id: listed for listed in values.get("watch_lists", ())}
    rules = tuple(_rule(row, lists) for row in values.get("rules", ()))
    kept = {
        "database": database_in(on.folder, "data/watcher.db"),
        "snapshots": on.folder / "snapshots",
        "cache": on.folder / "cache",
        **values.get("storage", {}),
    }
    kept = {"folder": _beside(kept["database"], on.folder), **kept}
    given = {**values, "rules": rules, "storage": Storage(**kept), "notices": tuple(on.notices)}
    return Config(**{"hosts": {}, **given})


def _beside(database: str | Secret, folder: Path) -> Path:
    """Return the folder of what belongs to a database and is none of its rows."""
    return folder / "data" if isinstance(database, Secret) else sqlite_file(database).parent


def _rule(row: Values, lists: Mapping[str, WatchList]) -> Rule:
    given = dict(row)
    escalation = given.pop("escalate", None)
    if escalation is not None:
        given["escalate_to"] = escalation["to"]
        given["escalate_after"] = escalation.get("after", _ESCALATED_AFTER)
    if "severity" in given:
        given["shift"] = given.pop("severity")
    if "when" in given:
        given["cadences"] = given.pop("when")
    return Rule(**{**given, "watch_list": lists.get(row.get("watch_list", ""), EVERYTHING)})
