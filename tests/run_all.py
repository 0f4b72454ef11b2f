"""Run every check, whatever fails, and end with what ran, what failed and what was skipped."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

BIN = Path(sys.executable).parent
# one more than there are processors: a test that waits for a disk or a server leaves one idle
WORKERS = str((os.cpu_count() or 1) + 1)
CHECKS = {
    "format": ["ruff", "format", "--check", "src", "tests"],
    "lint": ["ruff", "check", "src", "tests"],
    "types": ["mypy"],
    "contracts": ["lint-imports"],
    "tests": ["pytest", "-n", WORKERS, "--durations=10"],
}


@dataclass(frozen=True, slots=True)
class Result:
    name: str
    passed: bool
    seconds: float
    output: str


def run(name: str, command: list[str]) -> Result:
    """Return what a check came to; its output is shown as it comes."""
    print(f"── {name}: {' '.join(command)}", flush=True)  # noqa: T201
    began = time.monotonic()
    lines: list[str] = []
    with subprocess.Popen(
        [BIN / command[0], *command[1:]],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    ) as process:
        assert process.stdout is not None
        for line in process.stdout:
            sys.stdout.write(line)
            lines.append(line)
    return Result(name, process.returncode == 0, time.monotonic() - began, "".join(lines))


def main() -> int:
    results = [run(name, command) for name, command in CHECKS.items()]
    tests = results[-1].output
    skipped = re.findall(r"^SKIPPED (.*)$", tests, re.MULTILINE)
    counts = re.findall(r"^=+ (.*(?:passed|failed|error).*) =+$", tests, re.MULTILINE)
    print("\n── what ran")  # noqa: T201
    for result in results:
        word = "passed" if result.passed else "FAILED"
        print(f"{word:7} {result.name:10} {result.seconds:6.1f} s")  # noqa: T201
    print(f"tests:  {counts[-1] if counts else 'no summary: pytest did not finish'}")  # noqa: T201
    print("skipped: " + ("nothing" if not skipped else ""))  # noqa: T201
    for reason in skipped:
        print(f"  {reason}")  # noqa: T201
    return 0 if all(result.passed for result in results) else 1


if __name__ == "__main__":
    sys.exit(main())
