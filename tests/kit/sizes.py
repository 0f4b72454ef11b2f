"""What is longer than a file or a function should be, or is left out of coverage, and why.

`tests/unit/test_sizes.py` refuses what is long without a reason here, and a reason for what is long
no more; `make reference` writes the tables into `docs/quality.md`.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parents[2]
ROOMS = ("src", "tests", "benchmarks")
MOST_LINES_OF_FILE, MOST_LINES_OF_FUNCTION = 350, 40
MEASURED = ("src/watcher/core", "src/watcher/readers")
"""The rooms every branch of which is told by a test."""

_FLAGS = "most of it is the command's arguments and options, from which Typer makes its help"
_ONE_VALUE = "one value with many parts, named in one place"
_TABLE = "a table written as code"
_STORY = "one story, told from its beginning to its end"

FILES = {
    "tests/golden/test_reference_pages.py": "the 34 must-nots are one numbered list",
}
"""Files of more than 350 lines, with the reason."""

FUNCTIONS = {
    "benchmarks/quick.py:appending": _STORY,
    "benchmarks/scale/day.py:main": "its arguments, then one day after another",
    "benchmarks/web.py:questions": f"{_TABLE}: every kind of question",
    "src/watcher/bootstrap/wiring.py:_wired": "the only wiring: each part is made once, in order",
    "src/watcher/cli/adding_medicine.py:add": _FLAGS,
    "src/watcher/cli/asking.py:replay": _FLAGS,
    "src/watcher/cli/beginning.py:init": _FLAGS,
    "src/watcher/cli/deciding.py:correct": _FLAGS,
    "src/watcher/cli/exporting.py:log": _FLAGS,
    "src/watcher/cli/looking.py:alerts": _FLAGS,
    "src/watcher/core/digest.py:compose_digest": "a message's parts; 18 lines describe arguments",
    "src/watcher/services/capture.py:look": "one look and each way it can end; 22 lines are its"
    " signature and what it means",
    "src/watcher/services/observe.py:observe": "one pass; 17 lines are its signature and what it"
    " means",
    "src/watcher/services/rehearse.py:rehearse": "one turn a page, in the order of the service's",
    "src/watcher/store/checked_rows.py:checked_positions": "written out: a call a row costs as"
    " much as its hash",
    "src/watcher/store/codec.py:decode": "written out: every event of a log goes through it",
    "src/watcher/store/log_end.py:_written": "written out: every event of a log goes through it",
    "src/watcher/web/api/events.py:wanted": "most of it is the operation's parameters, from which"
    " Litestar makes its document",
    "src/watcher/web/app.py:application": _ONE_VALUE,
    "src/watcher/web/entrance.py:entrance": "17 lines are its signature and what it means",
    "src/watcher/web/pages/medicine.py:_context": f"{_ONE_VALUE}: what a template shows",
    "tests/e2e/test_bulk_history.py:test_a_week_of_bulk_files_tells_what_happened_in_it": _STORY,
    "tests/e2e/test_reference_withdrawal.py"
    ":test_the_withdrawal_of_alofisel_is_two_events_and_one_mail": _STORY,
    "tests/e2e/test_ten_withdrawals.py"
    ":test_ten_medicines_are_withdrawn_and_each_is_told_once": _STORY,
    "tests/fuzz/mutations.py:_values": f"{_TABLE}: odd values, a line each",
    "tests/kit/authority.py:authority": _ONE_VALUE,
    "tests/kit/provider.py:provider": _ONE_VALUE,
    "tests/kit/showroom.py:_configure": "a configuration as its file has it",
    "tests/kit/swarm.py:_configure": "a configuration as its file has it",
    "tests/score/histories.py:score_pages": _STORY,
    "tests/score/tables.py:score_twice_daily": _STORY,
    "tests/unit/test_config_load.py:test_every_key_finds_its_place": "every key of the file, once",
    "tests/unit/test_generic_options.py:test_options_are_read_from_plain_values": "every option,"
    " once",
}
"""Functions of more than 40 lines, from `def` to their end, with the reason."""

_PRAGMA = re.compile(r"# pragma: no (cover|branch)(?: - (.+))?$")


class Long(NamedTuple):
    """What is longer than it should be: `path` or `path:function`, where, and how long."""

    key: str
    place: str
    lines: int


class LeftOut(NamedTuple):
    """A place that coverage leaves out: its function or class, what of it, and why."""

    path: str
    line: int
    code: str
    what: str
    why: str


def sources(*rooms: str) -> Iterator[tuple[str, str]]:
    """Yield path and text of each of our files of Python in these rooms; some may be missing."""
    for room in rooms:
        for path in sorted((ROOT / room).rglob("*.py")):
            yield path.relative_to(ROOT).as_posix(), path.read_text(encoding="utf-8")


def long_files() -> list[Long]:
    """Return the files of more than 350 lines."""
    counted = ((path, text.count("\n")) for path, text in sources(*ROOMS))
    return [Long(path, path, lines) for path, lines in counted if lines > MOST_LINES_OF_FILE]


def long_functions() -> list[Long]:
    """Return the functions of more than 40 lines, with signature and docstring."""
    return [
        Long(f"{path}:{node.name}", f"{path}:{node.lineno}", lines)
        for path, text in sources(*ROOMS)
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and (lines := (node.end_lineno or 0) - node.lineno + 1) > MOST_LINES_OF_FUNCTION
    ]


def left_out() -> list[LeftOut]:
    """Return what coverage of the measured rooms leaves out."""
    return [
        LeftOut(path, number, line[: found.start()].strip(), found[1], found[2] or "")
        for path, text in sources(*MEASURED)
        for number, line in enumerate(text.split("\n"), 1)
        if (found := _PRAGMA.search(line))
    ]


def tables() -> str:
    """Return the tables for `docs/quality.md`."""
    return "\n".join(
        [
            f"Files over {MOST_LINES_OF_FILE} lines:\n",
            *("| file | why |", "|---|---|"),
            *(f"| `{path}` | {why} |" for path, why in sorted(FILES.items())),
            f"\nFunctions over {MOST_LINES_OF_FUNCTION} lines, with signature and docstring:\n",
            *("| function | why |", "|---|---|"),
            *(f"| `{path}` | {why} |" for path, why in sorted(FUNCTIONS.items())),
            "\nLeft out of coverage in the core and the readers:\n",
            *("| where | code | what | why |", "|---|---|---|---|"),
            *(
                f"| `{each.path}` | `{each.code}` | {each.what} | {each.why} |"
                for each in left_out()
            ),
            "",
        ]
    )
