"""What may stand where somebody is typing: commands, options, and names that exist here.

A shell asks at every press of a key, so this loads no command: their names and options are kept in
a file of the user's cache, made anew when a command's module has changed. Names of sources,
channels and people are read from the configuration, medicines from the database, and nothing is
ever said on an error: a shell would print it into the line.
"""

from __future__ import annotations

import json
import os
import sqlite3
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing, suppress
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import Any, TypeAlias
from urllib.parse import quote

import watcher

Tree: TypeAlias = dict[str, Any]
"""A command: `help`, `options`, `arguments`, and `commands` where it is a group."""

Found: TypeAlias = tuple[str, str]
"""What may stand there, and what it is."""

_SECTIONS = {
    "source": ("sources",),
    "channel": ("channels",),
    "list": ("watch_lists",),
    "person": ("people", "groups"),
}
_MOST = 50
_PATIENCE = 0.3
_SHELLS = {"bash": "{0}", "zsh": "{0}:{1}", "fish": "{0}\t{1}"}


def answer(shell: str, words: Sequence[str], environment: Mapping[str, str]) -> str:
    """Return what may stand in the place of the last of `words`, a line each.

    Args:
        shell: `bash`, `zsh` or `fish`: how a line is written.
        words: What stands in the line behind the program's name, the last one being typed.
        environment: Names the configuration and the cache.
    """
    pattern = _SHELLS.get(shell, "{0}")
    typed = [_unquoted(word) for word in words] or [""]
    place = _placed(command_tree(environment), typed[:-1], environment)
    wanted = typed[-1]
    lines = dict.fromkeys(
        pattern.format(
            value.replace(":", "\\:") if shell == "zsh" else value, " ".join(told.split())
        )
        for value, told in place.candidates(wanted)
    )
    return "".join(f"{line}\n" for line in lines)


def command_tree(environment: Mapping[str, str]) -> Tree:
    """Return all commands, from the cache where nothing has changed since it was written."""
    place = _cache(environment)
    try:
        kept: Tree = json.loads(place.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        from watcher.cli.command_tree import tree  # noqa: PLC0415  loads every command

        kept = tree()
        _keep(place, kept)
    return kept


def _cache(environment: Mapping[str, str]) -> Path:
    """Return where the commands of this very program are kept."""
    home = environment.get("XDG_CACHE_HOME") or Path(environment.get("HOME") or "~", ".cache")
    here = Path(__file__).parent
    looks = (each.stat() for each in sorted(here.glob("*.py")))
    state = ";".join(f"{look.st_mtime_ns},{look.st_size}" for look in looks)
    key = sha256(f"{watcher.__version__} {here} {state}".encode()).hexdigest()[:16]
    return Path(home).expanduser() / "watcher" / f"completion-{key}.json"


def _keep(place: Path, tree: Tree) -> None:
    """Keep the commands, and none of an earlier program; where that fails they are made again."""
    with suppress(OSError):
        place.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        for old in place.parent.glob("completion-*.json"):
            old.unlink(missing_ok=True)
        scratch = place.with_name(f"{place.name}.{os.getpid()}")
        scratch.write_text(json.dumps(tree), encoding="utf-8")
        scratch.replace(place)


@dataclass(slots=True)
class _Place:
    """Where in a command somebody is typing.

    Attributes:
        command: The command so far.
        config: The configuration it would read.
        given: How many arguments it has already.
        of: What kind of value an option before it wants; empty: no option waits for one.
        is_option_value: Whether an option waits for its value.
    """

    command: Tree
    config: Path
    given: int = 0
    of: str = ""
    is_option_value: bool = field(default=False)

    def candidates(self, wanted: str) -> Iterator[Found]:
        """Yield what may stand here and begins with `wanted`."""
        if self.is_option_value:
            yield from _named(self.of, wanted, self.config)
        elif wanted.startswith("-"):
            for option in self.command["options"]:
                yield from _beginning(((name, option["help"]) for name in option["names"]), wanted)
        elif commands := self.command.get("commands"):
            known = () if self.given else commands.items()
            yield from _beginning(((name, each["help"]) for name, each in known), wanted)
        elif arguments := self.command["arguments"]:
            of = arguments[min(self.given, len(arguments) - 1)]["of"]
            is_over = self.given >= len(arguments) and not arguments[-1]["many"]
            yield from () if is_over else _named(of, wanted, self.config)


def _placed(tree: Tree, words: Sequence[str], environment: Mapping[str, str]) -> _Place:
    place = _Place(tree, Path(environment.get("WATCHER_CONFIG") or "sources.yaml"))
    for word in words:
        if place.is_option_value:
            if place.of == "config":
                place.config = Path(word)
            place.is_option_value = False
        elif word.startswith("-"):
            options = (each for each in place.command["options"] if word in each["names"])
            option = next(options, None)
            place.is_option_value = option is not None and option["takes"]
            place.of = option["of"] if option else ""
        elif word in place.command.get("commands", {}):
            place.command = place.command["commands"][word]
        else:
            place.given += 1
    return place


def _named(of: str, wanted: str, config: Path) -> Iterator[Found]:
    """Yield the names of a kind that begin with `wanted`; of files none: the shell knows them."""
    names: Mapping[str, Callable[[], Iterator[Found]]] = {
        "event type": _event_types,
        "reader": _readers,
        "shell": lambda: ((shell, "") for shell in _SHELLS),
    }
    with suppress(OSError, ValueError, sqlite3.Error, KeyError):
        if of in _SECTIONS:
            yield from _beginning(_ids(_SECTIONS[of], config), wanted)
        elif of == "medicine":
            yield from _medicines(wanted, config)
        elif of in names:
            yield from _beginning(names[of](), wanted)


def _beginning(found: Iterator[Found], wanted: str) -> Iterator[Found]:
    return (each for each in found if each[0].casefold().startswith(wanted.casefold()))


def _ids(sections: Sequence[str], config: Path) -> Iterator[Found]:
    from watcher.config.document import Entries, Items, Scalar, parse  # noqa: PLC0415  YAML

    root = parse(config.read_bytes())
    for section in sections:
        listed = root.nodes.get(section) if isinstance(root, Entries) else None
        for item in listed.nodes if isinstance(listed, Items) else ():
            texts = {
                key: str(node.value)
                for key, node in (item.nodes.items() if isinstance(item, Entries) else ())
                if isinstance(node, Scalar)
            }
            if "id" in texts:
                yield texts["id"], texts.get("title", "")


def _event_types() -> Iterator[Found]:
    from watcher.core.taxonomy import TYPES  # noqa: PLC0415

    yield from ((f"{family}.*", "") for family in dict.fromkeys(_families(TYPES)))
    yield from ((name, kind.meaning) for name, kind in TYPES.items())


def _families(names: Mapping[str, object]) -> Iterator[str]:
    return (name.partition(".")[0] for name in names)


def _readers() -> Iterator[Found]:
    from watcher.readers.registry import READERS  # noqa: PLC0415

    return ((name, "") for name in READERS)


def _medicines(wanted: str, config: Path) -> Iterator[Found]:
    """Yield the names of medicines in the SQLite database, as their source writes them."""
    from watcher.core.text import without_accents  # noqa: PLC0415

    begins = without_accents(wanted)
    if not begins:
        return
    pattern = "".join(f"\\{mark}" if mark in "%_\\" else mark for mark in begins)
    address = f"file:{quote(str(_database(config).absolute()))}?mode=ro"
    with closing(sqlite3.connect(address, uri=True, timeout=_PATIENCE)) as database:
        rows = database.execute(
            "SELECT CAST(state AS TEXT) FROM streams WHERE names LIKE ? ESCAPE '\\' LIMIT ?",
            (f"%\n{pattern}%", _MOST),
        )
        for (state,) in rows:
            facts = json.loads(state)
            for path in ("product.brand_name", "product.inn"):
                stated = facts.get(path) or []
                for name in stated if isinstance(stated, list) else [stated]:
                    if without_accents(str(name)).startswith(begins):
                        yield str(name), str(facts.get("authorisation[EU].status") or "")


def _database(config: Path) -> Path:
    from watcher.config.document import Entries, Scalar, parse  # noqa: PLC0415  YAML

    root = parse(config.read_bytes())
    storage = root.nodes.get("storage") if isinstance(root, Entries) else None
    stated = storage.nodes.get("database") if isinstance(storage, Entries) else None
    address = str(stated.value) if isinstance(stated, Scalar) else "sqlite:///data/watcher.db"
    return config.parent / address.removeprefix("sqlite:///")


def _unquoted(word: str) -> str:
    """Return a word without what a shell quotes it with; the last one may be without an end."""
    return word.lstrip("'\"").rstrip("'\"").replace("\\", "")
