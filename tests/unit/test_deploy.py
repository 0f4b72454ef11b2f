"""The unit, the container and the composition say what the documents promise of them."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from collections import defaultdict
from pathlib import Path

import pytest
import typer
import yaml

from watcher.cli.main import app

DEPLOY = Path(__file__).resolve().parents[2] / "deploy"
UNIT = (DEPLOY / "watcher.service").read_text(encoding="utf-8")
CONTAINER = (DEPLOY / "Containerfile").read_text(encoding="utf-8")
COMPOSE = yaml.safe_load((DEPLOY / "compose.yaml").read_text(encoding="utf-8"))["services"][
    "watcher"
]


def directives() -> dict[str, list[str]]:
    """The settings of the unit, each with all its values."""
    found = defaultdict(list)
    for line in UNIT.splitlines():
        name, equals, value = line.partition("=")
        if equals and not line.startswith("#"):
            found[name].append(value)
    return found


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("Type", "notify"),
        ("Restart", "always"),
        ("DynamicUser", "yes"),
        ("NoNewPrivileges", "yes"),
        ("ProtectSystem", "strict"),
        ("ProtectHome", "yes"),
        ("PrivateTmp", "yes"),
        ("PrivateDevices", "yes"),
        ("CapabilityBoundingSet", ""),
        ("RestrictAddressFamilies", "AF_INET AF_INET6 AF_UNIX"),
        ("StateDirectoryMode", "0700"),
        ("UMask", "0077"),
        ("LimitCORE", "0"),
    ],
)
def test_the_service_is_confined(name, value):
    assert directives()[name] == [value]


def test_the_service_is_bounded_and_watched():
    settings = directives()

    assert settings["MemoryMax"] == ["1G"]
    assert 60 <= int(settings["WatchdogSec"][0]) <= 300
    assert settings["SystemCallFilter"][0] == "@system-service"
    assert re.search(r"/watcher run\b", settings["ExecStart"][0])


@pytest.fixture
def unit(tmp_path):
    """The unit with a command that is there, for tools that look."""
    path = tmp_path / "watcher.service"
    path.write_text(re.sub(r"^ExecStart=\S+", "ExecStart=/bin/true", UNIT, flags=re.MULTILINE))
    return path


def analysed(*words: str) -> subprocess.CompletedProcess[str]:
    tool = shutil.which("systemd-analyze")
    if tool is None:
        pytest.skip("systemd-analyze is not installed (Debian: systemd)")
    return subprocess.run([tool, *words], capture_output=True, text=True, check=False, timeout=60)


def test_systemd_understands_every_line_of_the_unit(unit):
    done = analysed("verify", "--man=no", str(unit))

    ours = [line for line in done.stderr.splitlines() if "watcher.service" in line]
    assert (done.returncode, ours) == (0, [])


def test_systemd_finds_little_exposed(unit):
    done = analysed("security", "--offline=true", "--no-pager", str(unit))
    if "Unknown" in done.stderr or "unrecognized" in done.stderr:
        pytest.skip("this systemd-analyze cannot judge a file")

    exposed = re.search(r"exposure level for watcher\.service: ([\d.]+)", done.stdout)
    assert exposed is not None
    assert float(exposed[1]) < 2.0


def test_the_container_is_built_from_hashed_parts_and_runs_as_nobody_special():
    steps = [line for line in CONTAINER.splitlines() if re.match(r"[A-Z]+ ", line)]
    last = steps[max(i for i, line in enumerate(steps) if line.startswith("FROM")) :]

    assert "--require-hashes" in CONTAINER
    assert "--no-index ." in CONTAINER
    assert not re.search(r"\b(curl|wget|apt-get|ADD http)\b", CONTAINER)
    assert "USER 10001:10001" in last
    assert last.index("USER 10001:10001") < last.index('ENTRYPOINT ["watcher"]')
    assert not [line for line in last if line.startswith("EXPOSE")]


def test_the_container_s_health_is_asked_by_a_command_there_is():
    asked = re.search(r"HEALTHCHECK.*?CMD (\[.*?\])", CONTAINER, re.DOTALL)

    assert asked is not None
    program, command, *_ = json.loads(asked[1])
    assert program == "watcher"
    assert command in typer.main.get_command(app).commands


def test_the_composition_gives_nothing_it_does_not_need():
    assert COMPOSE["read_only"] is True
    assert COMPOSE["cap_drop"] == ["ALL"]
    assert COMPOSE["security_opt"] == ["no-new-privileges:true"]
    assert COMPOSE["user"] == "10001:10001"
    assert COMPOSE["restart"] == "always"
    assert "noexec" in COMPOSE["tmpfs"][0]
    assert not {"ports", "privileged", "network_mode", "cap_add", "devices"} & set(COMPOSE)
    [bound] = [each for each in COMPOSE["volumes"] if isinstance(each, dict)]
    assert bound["read_only"] is True


def test_no_secret_stands_in_any_of_them():
    text = UNIT + CONTAINER + (DEPLOY / "compose.yaml").read_text(encoding="utf-8")

    assert not re.search(
        r"(?i)(password|token|secret)\s*[:=]\s*['\"]?[A-Za-z0-9+/]{12,}['\"]?$", text
    )
