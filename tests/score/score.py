"""The score: what the program finds in labelled histories and on a disturbed site, and invents.

    .venv/bin/python tests/score/score.py [--quick] [--json] [--only pages]

Prints recall and precision of each family of events and each trap, and compares them with
`expected.json` beside this file; ends with 1 where one of them is worse.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

HERE = Path(__file__).resolve().parent
TESTS = HERE.parent
SHARED = TESTS.parents[1] / "shared"
for _folder in (str(TESTS), str(HERE)):
    if _folder not in sys.path:
        sys.path.insert(0, _folder)

from rows import Row  # noqa: E402

SUITES = ("pages", "workbooks", "daily", "bench")


def score(suites: Sequence[str], *, quick: bool) -> Iterator[Row]:
    """Yield the rows of the wanted suites as they are known."""
    from disturbed import score_bench  # noqa: PLC0415
    from histories import score_pages  # noqa: PLC0415
    from tables import score_twice_daily, score_workbooks  # noqa: PLC0415

    data = SHARED / "data"
    steps: dict[str, Callable[[], list[Row]]] = {
        "pages": lambda: score_pages(data),
        "workbooks": lambda: score_workbooks(data, quick=quick),
        "daily": lambda: score_twice_daily(data, TESTS),
        "bench": lambda: score_bench(SHARED / "bench", size=200 if quick else 2000),
    }
    for suite in suites:
        yield from steps[suite]()


def worse(rows: Sequence[Row], *, quick: bool) -> list[str]:
    """Return what is worse than `expected.json` says, in words."""
    known = json.loads((HERE / "expected.json").read_text("utf-8"))["quick" if quick else "full"]
    found = []
    for each in rows:
        least = known.get(each.name)
        if least is None:
            found.append(f"{each.name}: not in expected.json")
        elif each.recall < least["recall"] or each.precision < least["precision"]:
            found.append(f"{each.name}: {_figures(each)}, {each.note}")
        elif each.false > least.get("false", 0):
            found.append(f"{each.name}: {each.false} false, {each.note}")
    return found


def _figures(each: Row) -> str:
    return f"recall {each.recall:.4f}, precision {each.precision:.4f}"


def _table(rows: Sequence[Row]) -> str:
    lines = [f"{'':58} {'wanted':>6} {'found':>6} {'false':>6} {'recall':>7} {'precis.':>7}"]
    for each in rows:
        figures = f"{each.expected:>6} {each.hits:>6} {each.false:>6}"
        rates = f"{each.recall:>7.4f} {each.precision:>7.4f}"
        lines.append(f"{each.name:58} {figures} {rates}  {each.note}".rstrip())
    return "\n".join(lines)


def main() -> int:
    """Print the score; return 1 where it is worse than expected."""
    asked = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    asked.add_argument("--quick", action="store_true", help="fewer pages and files")
    asked.add_argument("--json", action="store_true", help="print JSON")
    asked.add_argument("--only", choices=SUITES, action="append", help="one suite; may be repeated")
    options = asked.parse_args()
    rows = list(score(options.only or SUITES, quick=options.quick))
    if options.json:
        told = [
            {
                "name": each.name,
                "expected": each.expected,
                "found": each.hits,
                "false": each.false,
                "recall": round(each.recall, 6),
                "precision": round(each.precision, 6),
                "note": each.note,
            }
            for each in rows
        ]
        sys.stdout.write(json.dumps(told, indent=1, ensure_ascii=False) + "\n")
    else:
        sys.stdout.write(_table(rows) + "\n")
    complaints = worse(rows, quick=options.quick)
    for complaint in complaints:
        sys.stderr.write(f"worse than expected: {complaint}\n")
    return 1 if complaints else 0


if __name__ == "__main__":
    sys.exit(main())
