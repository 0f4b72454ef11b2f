"""Measure every hostile input and write the table of `docs/security.md`; ends with 1 if one is out.

python tests/hostile/measure.py
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from hostile.inputs import Hostile
from hostile.reading import MOST_MEMORY, Measured, all_of
from hostile.table import TABLE

DOCUMENT = Path(__file__).resolve().parents[2] / "docs" / "security.md"
_PART = re.compile(r"(<!-- measured: begin -->\n).*?(<!-- measured: end -->)", re.DOTALL)


def main() -> int:
    rows: list[tuple[Hostile, Measured]] = []
    for hostile, measured in all_of(TABLE):
        rows.append((hostile, measured))
        sys.stdout.write(_line(hostile, measured) + "\n")
        sys.stdout.flush()
    text = DOCUMENT.read_text(encoding="utf-8")
    DOCUMENT.write_text(
        _PART.sub(lambda part: part[1] + table(rows) + part[2], text), encoding="utf-8"
    )
    out = [f"{one.family}/{one.name}" for one, measured in rows if not measured.is_within(one)]
    highest = max(measured.memory for _, measured in rows) / 1e6
    slowest = max(measured.seconds for _, measured in rows)
    sys.stdout.write(
        f"{len(rows)} inputs, {len(out)} out of bounds {out or ''}; at most {highest:.0f} MB "
        f"(bound {MOST_MEMORY / 1e6:.0f}) and {slowest:.1f} s\n"
    )
    return 1 if out else 0


def table(rows: Iterable[tuple[Hostile, Measured]]) -> str:
    """The rows as Markdown."""
    lines = [
        "| input | | size | bound | memory | time (limit) | outcome |",
        "|---|---|--:|---|--:|--:|---|",
    ]
    lines += [
        f"| {one.family} | {one.name} | {_size(measured.size)} | {one.bound} | "
        f"{measured.memory / 1e6:.1f} MB | {measured.seconds:.2f} s ({one.seconds:.0f}) | "
        f"{measured.outcome.partition(':')[0]} |"
        for one, measured in rows
    ]
    return "\n".join(lines) + "\n"


def _size(size: int) -> str:
    return f"{size / 1e6:.1f} MB" if size >= 100_000 else f"{size / 1e3:.1f} kB"


def _line(one: Hostile, measured: Measured) -> str:
    mark = " " if measured.is_within(one) else "!"
    cost = f"{measured.memory / 1e6:7.1f} MB {measured.seconds:6.2f} s"
    return (
        f"{mark} {one.family:6} {one.name:36} {_size(measured.size):>9} {cost}  {measured.outcome}"
    )


if __name__ == "__main__":
    sys.exit(main())
