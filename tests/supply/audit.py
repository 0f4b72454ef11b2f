"""Audit what this program is made of: known vulnerabilities, and where lint looks away.

    python tests/supply/audit.py

Ends with 0 where nothing is known against any locked package, 1 where something is or where an
exception of lint has no reason, and 2 where the database of vulnerabilities could not be asked:
that is no clean bill, and is told as such.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
LOCK = ROOT / "requirements.lock"
CLEAN, FOUND, NOT_ASKED = 0, 1, 2
_PIP_AUDIT = (
    *("pip-audit", "--requirement", str(LOCK), "--require-hashes", "--disable-pip", "--no-deps"),
    *("--strict", "--progress-spinner", "off", "--format", "json", "--timeout", "15"),
)
_NOQA = re.compile(r"#\s*noqa:\s*(?P<codes>[A-Z0-9, ]*?\bS\d+[A-Z0-9, ]*)(?P<reason>.*)")


@dataclass(frozen=True, slots=True)
class LooksAway:
    """A line at which a security rule of lint is told to look away."""

    place: str
    codes: str
    reason: str


def told(stdout: str, stderr: str) -> tuple[int, list[str]]:
    """What pip-audit's answer comes to: an exit code and the lines to print."""
    try:
        packages = json.loads(stdout)["dependencies"]
    except (ValueError, KeyError, TypeError):
        last = (stderr.strip().splitlines() or ["no words"])[-1]
        return NOT_ASKED, [
            "NOT AUDITED: the database of vulnerabilities could not be asked.",
            f"pip-audit said: {last[:300]}",
            "Run this again with a connection; until then nothing is known, for good or ill.",
        ]
    skipped = [each["name"] for each in packages if "skip_reason" in each]
    lines = [
        f"{each['name']} {each['version']}: {one['id']}, mended in "
        f"{', '.join(one.get('fix_versions') or ['no version yet'])}"
        for each in packages
        for one in each.get("vulns", ())
    ]
    asked = f"{len(packages)} locked packages asked about, {len(lines)} vulnerabilities known"
    if skipped:
        return NOT_ASKED, [*lines, f"not asked about: {', '.join(skipped)}", asked]
    return (FOUND if lines else CLEAN), [*lines, asked]


def exceptions(folder: Path) -> Iterator[LooksAway]:
    """Every line in the sources of `folder` at which a security rule is told to look away."""
    for path in sorted(folder.rglob("*.py")):
        lines = path.read_text(encoding="utf-8").splitlines()
        for number, line in enumerate(lines, start=1):
            if match := _NOQA.search(line):
                reason = match["reason"].strip(" -—#()")
                above = lines[number - 2].strip() if number > 1 else ""
                if not reason and above.startswith("#"):
                    reason = above.strip("# ")
                place = f"{path.relative_to(folder)}:{number}"
                yield LooksAway(place, match["codes"].strip(), reason)


def main() -> int:
    away = list(exceptions(ROOT / "src"))
    _say(f"{len(away)} places where a security rule of lint looks away:")
    for each in away:
        _say(f"  {each.place}: {each.codes}: {each.reason or 'NO REASON GIVEN'}")
    program = Path(sys.executable).parent / _PIP_AUDIT[0]
    done = subprocess.run(
        [program, *_PIP_AUDIT[1:]], capture_output=True, text=True, check=False, cwd=ROOT
    )
    code, lines = told(done.stdout, done.stderr)
    for line in lines:
        _say(line)
    return FOUND if any(not each.reason for each in away) else code


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")


if __name__ == "__main__":
    sys.exit(main())
