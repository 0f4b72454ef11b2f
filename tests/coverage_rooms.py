"""Say how much of each room the tests reach, and name each branch of core and readers they miss.

    python tests/coverage_rooms.py dist/coverage.json

Reads the report of coverage.py. Ends with 1 where a branch of the core or the readers is missed.
"""

from __future__ import annotations

import json
import sys
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Any

WHOLE = ("core", "readers")
COUNTED = ("num_statements", "covered_lines", "num_branches", "covered_branches")

Files = Mapping[str, Any]


def room_of(path: str) -> str:
    """Return the room that a module of the program stands in: `core`, or `errors.py`."""
    return path.partition("watcher/")[2].partition("/")[0]


def share(reached: int, all_of_them: int) -> str:
    """Return a share in per cent, rounded down so that 100 means all."""
    return f"{(1000 * reached // all_of_them) / 10 if all_of_them else 100.0:.1f} %"


def rows(files: Files) -> list[str]:
    """Return a table of the rooms: lines and branches, and the share of each that is reached."""
    rooms: dict[str, Counter[str]] = {}
    for path, told in files.items():
        counts = rooms.setdefault(room_of(path), Counter())
        counts.update({name: told["summary"][name] for name in COUNTED})
    lines = ["| room | statements | reached | branches | reached |", "|---|---|---|---|---|"]
    for room, found in sorted(rooms.items()):
        statements, lines_reached, branches, branches_reached = (found[name] for name in COUNTED)
        lines.append(
            f"| `{room}` | {statements} | {share(lines_reached, statements)} "
            f"| {branches} | {share(branches_reached, branches)} |"
        )
    return lines


def missed(files: Files) -> list[str]:
    """Return each line and each branch of core and readers that nothing reached."""
    return [
        f"{path}:{what}"
        for path, told in files.items()
        if room_of(path) in WHOLE
        for what in (
            *told["missing_lines"],
            *(f"{start} → {end if end > 0 else 'end'}" for start, end in told["missing_branches"]),
        )
    ]


def main(report: Path) -> int:
    """Print the table, and what is missed."""
    files = json.loads(report.read_text(encoding="utf-8"))["files"]
    left = missed(files)
    print("\n".join([*rows(files), "", *left]))  # noqa: T201
    return 1 if left else 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
