"""What stands in deploy/: units, container, compositions and manifests, read as their tools do."""

from __future__ import annotations

import json
import re
import shlex
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).resolve().parents[2]
DEPLOY = ROOT / "deploy"
UNITS = sorted(DEPLOY.glob("*.service"))
PROGRAM = "/opt/watcher/.venv/bin/watcher"
"""Where the units have the program."""


def directives(unit: Path) -> dict[str, list[str]]:
    """The settings of a unit, each with all its values."""
    found = defaultdict(list)
    for line in unit.read_text(encoding="utf-8").splitlines():
        name, equals, value = line.partition("=")
        if equals and not line.startswith("#"):
            found[name].append(value)
    return found


def started_by(unit: Path) -> list[str]:
    """The words of the command that a unit starts, `%i` and variables put in."""
    settings = directives(unit)
    variables = dict(each.partition("=")[::2] for each in settings["Environment"])
    [line] = settings["ExecStart"]
    line = re.sub(r"\$\{(\w+)\}", lambda found: variables[found[1]], line)
    return shlex.split(line.replace("%i", "1"))


def composed(name: str) -> dict[str, Any]:
    """A composition with its anchors followed and octal numbers as numbers."""
    return _numbers(yaml.safe_load((DEPLOY / name).read_text(encoding="utf-8")))


def _numbers(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _numbers(each) for key, each in value.items()}
    if isinstance(value, list):
        return [_numbers(each) for each in value]
    if isinstance(value, str) and re.fullmatch(r"0o[0-7]+", value):
        return int(value, 8)  # of YAML 1.2, which PyYAML takes for words
    return value


def manifests() -> list[tuple[Path, dict[str, Any]]]:
    """Every object for Kubernetes with the file that it stands in."""
    return [
        (path, each)
        for path in sorted((DEPLOY / "kubernetes").rglob("*.yaml"))
        for each in yaml.safe_load_all(path.read_text(encoding="utf-8"))
    ]


def pods() -> list[tuple[str, dict[str, Any]]]:
    """The pods that the manifests start, by the name of what starts them."""
    found = []
    for _, each in manifests():
        spec = each.get("spec", {})
        spec = spec.get("jobTemplate", {}).get("spec", spec)
        if "template" in spec:
            found.append((each["metadata"]["name"], spec["template"]["spec"]))
    return found


def command_lines() -> Iterator[tuple[str, list[str]]]:
    """Yield every command line of the program in deploy/, with where it stands."""
    for unit in UNITS:
        yield unit.name, started_by(unit)[1:]
    text = (DEPLOY / "Containerfile").read_text(encoding="utf-8")
    asked = re.search(r"HEALTHCHECK.*?CMD (\[.*?\])", text, re.DOTALL)
    started = re.search(r"^CMD (\[.*?\])", text, re.MULTILINE)
    assert asked is not None
    assert started is not None
    yield "Containerfile HEALTHCHECK", json.loads(asked[1])[1:]
    yield "Containerfile CMD", json.loads(started[1])
    for name in ("compose.yaml", "compose.cluster.yaml"):
        for service, told in composed(name)["services"].items():
            if told["image"] != "watcher":
                continue
            if "command" in told:
                yield f"{name} {service}", told["command"]
            if "healthcheck" in told:
                yield f"{name} {service} healthcheck", told["healthcheck"]["test"][2:]
    for name, pod in pods():
        yield f"kubernetes {name}", pod["containers"][0]["args"]
