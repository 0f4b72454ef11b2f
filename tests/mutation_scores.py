"""Say of each module that `make mutation` changed how many changes the tests noticed.

    python tests/mutation_scores.py mutants

Reads what mutmut keeps beside its copies. A change that runs into its time limit was noticed; one
that no test reaches was not.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

UNNOTICED = {0, 5, 33}
"""Exit codes of mutmut: the tests passed, or there was none."""


def rows(folder: Path) -> list[str]:
    """Return a table of the modules, and below it the name of each change that went unnoticed."""
    lines = ["| module | changes | noticed | |", "|---|---|---|---|"]
    names: list[str] = []
    totals = [0, 0]
    for path in sorted(folder.rglob("*.meta")):
        codes = json.loads(path.read_text(encoding="utf-8"))["exit_code_by_key"]
        tried = {name: code for name, code in codes.items() if code is not None}
        if not tried:
            continue
        left = [name for name, code in tried.items() if code in UNNOTICED]
        names += left
        totals[0] += len(tried)
        totals[1] += len(tried) - len(left)
        module = path.relative_to(folder / "src" / "watcher").as_posix().removesuffix(".meta")
        lines.append(row(f"`{module}`", len(tried), len(tried) - len(left)))
    return [*lines, row("all", *totals), "", *names]


def row(name: str, tried: int, noticed: int) -> str:
    """Return a line of the table; the share is rounded down."""
    share = (1000 * noticed // tried) / 10 if tried else 0.0
    return f"| {name} | {tried} | {noticed} | {share:.1f} % |"


if __name__ == "__main__":
    print("\n".join(rows(Path(sys.argv[1]))))  # noqa: T201
