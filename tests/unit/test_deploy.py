"""The units and the container say what the documents promise of them; all of it can be parsed."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from importlib.metadata import requires
from pathlib import Path

import pytest
import typer

from kit.deployed import (
    DEPLOY,
    PROGRAM,
    ROOT,
    UNITS,
    command_lines,
    composed,
    directives,
    started_by,
)
from watcher.cli.main import app

CONTAINER = (DEPLOY / "Containerfile").read_text(encoding="utf-8")
COMPOSE = composed("compose.yaml")["services"]["watcher"]
CONFINED = {
    "DynamicUser": "yes",
    "NoNewPrivileges": "yes",
    "ProtectSystem": "strict",
    "ProtectHome": "yes",
    "PrivateTmp": "yes",
    "PrivateDevices": "yes",
    "CapabilityBoundingSet": "",
    "MemoryDenyWriteExecute": "yes",
    "RestrictAddressFamilies": "AF_INET AF_INET6 AF_UNIX",
    "StateDirectoryMode": "0700",
    "UMask": "0077",
    "LimitCORE": "0",
}
each_unit = pytest.mark.parametrize("unit", UNITS, ids=lambda unit: unit.name)


@each_unit
def test_a_service_is_confined_and_bounded(unit):
    settings = directives(unit)

    assert {name: settings[name] for name in CONFINED} == {
        name: [value] for name, value in CONFINED.items()
    }
    assert settings["SystemCallFilter"][0] == "@system-service"
    assert settings["MemoryMax"][0] in {"600M", "1G", "2G"}
    assert int(settings["TasksMax"][0]) <= 128


@each_unit
def test_every_service_is_confined_in_the_very_same_words(unit):
    def confinement(path):
        text = path.read_text(encoding="utf-8")
        start = text.index("# It writes to its state and to nothing else")
        return text[start : text.index("# It cannot take the machine with it")]

    assert confinement(unit) == confinement(DEPLOY / "watcher.service")


@each_unit
def test_what_runs_on_comes_back_and_is_watched_and_a_backup_ends(unit):
    settings = directives(unit)

    if unit.name == "watcher-backup.service":
        assert settings["Type"] == ["oneshot"]
        assert "Restart" not in settings
        return
    assert settings["Type"] == ["notify"]
    assert settings["Restart"] == ["always"]
    assert 60 <= int(settings["WatchdogSec"][0]) <= 300
    assert int(settings["TimeoutStopSec"][0]) > 25


def test_what_shares_a_folder_shares_the_user():
    users = {unit.name: directives(unit)["User"] or ["watcher"] for unit in UNITS}
    folders = {unit.name: directives(unit)["StateDirectory"][0].split()[0] for unit in UNITS}

    assert set(map(tuple, users.values())) == {("watcher",)}
    assert set(folders.values()) == {"watcher"}


@pytest.fixture
def units(tmp_path):
    """All units with a command that is there, for tools that look."""
    for path in DEPLOY.glob("*.[st]*er*"):
        if path.suffix in {".service", ".timer"}:
            name = path.name.replace("@", "@1")
            text = path.read_text(encoding="utf-8")
            command = re.sub(r"^ExecStart=\S+", "ExecStart=/bin/true", text, flags=re.MULTILINE)
            (tmp_path / name).write_text(command)
    return sorted(tmp_path.iterdir())


def analysed(*words: str) -> subprocess.CompletedProcess[str]:
    tool = shutil.which("systemd-analyze")
    if tool is None:
        pytest.skip("systemd-analyze is not installed (Debian: systemd)")
    return subprocess.run([tool, *words], capture_output=True, text=True, check=False, timeout=60)


def test_systemd_understands_every_line_of_the_units(units):
    assert len(units) == 6
    done = analysed("verify", "--man=no", *map(str, units))

    ours = [line for line in done.stderr.splitlines() if "/watcher" in line]
    assert (done.returncode, ours) == (0, [])


def test_systemd_finds_little_exposed(units):
    for unit in units:
        if unit.suffix == ".timer":
            continue
        done = analysed("security", "--offline=true", "--no-pager", str(unit))
        if "Unknown" in done.stderr or "unrecognized" in done.stderr:
            pytest.skip("this systemd-analyze cannot judge a file")
        exposed = re.search(r"exposure level for \S+: ([\d.]+)", done.stdout)
        assert exposed is not None, done.stderr
        assert float(exposed[1]) < 2.0, unit.name


def test_the_backup_is_made_every_night():
    timer = directives(DEPLOY / "watcher-backup.timer")

    assert timer["OnCalendar"] == ["*-*-* 01:30:00"]
    assert timer["Persistent"] == ["yes"]
    assert started_by(DEPLOY / "watcher-backup.service")[1:3] == [
        "backup",
        "/var/lib/watcher-backup",
    ]


@each_unit
def test_every_unit_starts_the_program_from_where_it_is_installed(unit):
    program, *words = started_by(unit)

    assert program == PROGRAM
    assert words[-2:] == ["--config", "/etc/watcher/sources.yaml"]


@pytest.mark.parametrize(("where", "words"), [*command_lines()], ids=lambda each: str(each)[:60])
def test_every_command_line_is_one_that_the_program_understands(where, words):
    command = typer.main.get_command(app)
    words = list(words)
    while words and words[0] in getattr(command, "commands", ()):
        command = command.commands[words.pop(0)]

    assert command.make_context(where, words).args == []


def test_the_container_is_built_from_hashed_parts_and_runs_as_nobody_special():
    steps = [line for line in CONTAINER.splitlines() if re.match(r"[A-Z]+ ", line)]
    last = steps[max(i for i, line in enumerate(steps) if line.startswith("FROM")) :]

    installs = re.findall(r"pip install ([^&\n]*)", CONTAINER)
    assert len(installs) == 3
    for words in installs:
        assert "--require-hashes --only-binary :all:" in words or "--no-index" in words
    assert not re.search(r"\b(curl|wget|apt-get|ADD http)\b", CONTAINER)
    assert "USER 10001:10001" in last
    assert last.index("USER 10001:10001") < last.index('ENTRYPOINT ["watcher"]')
    assert not [line for line in last if line.startswith(("EXPOSE", "RUN pip"))]


def test_a_linter_of_containers_finds_nothing():
    tool = Path(sys.executable).with_name("hadolint")
    if not tool.exists():
        pytest.skip("hadolint is not installed")
    done = subprocess.run(
        [tool, DEPLOY / "Containerfile"], capture_output=True, text=True, check=False
    )

    assert (done.returncode, done.stdout) == (0, "")


def pins(name: str) -> dict[str, str]:
    """The versions that a lock pins, by package."""
    text = (ROOT / name).read_text(encoding="utf-8")
    return dict(re.findall(r"^([A-Za-z0-9._-]+)(?:\[[^\]]*\])?==([^ ;\\]+)", text, re.MULTILINE))


@pytest.mark.parametrize("name", ["deploy/requirements.lock", "deploy/build.lock"])
def test_the_container_has_what_was_tested_and_nothing_that_only_tests_need(name):
    locked, tested = pins(name), pins("requirements.lock")

    assert locked
    assert {each: tested.get(each) for each in locked} == locked
    assert not {"pytest", "hypothesis", "moto", "playwright", "ruff", "mypy"} & set(locked)
    assert f"{name}: " not in (ROOT / name).read_text(encoding="utf-8")


def test_the_container_has_every_package_that_the_program_needs():
    needed = {
        re.split(r"[ \[<>=!;]", each)[0].casefold()
        for each in requires("watcher") or []
        if not re.search(r"extra == .(demo|all)\b", each)
    }

    assert needed - {name.casefold() for name in pins("deploy/requirements.lock")} == set()


def test_the_composition_of_one_gives_nothing_it_does_not_need():
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
    for path in DEPLOY.rglob("*"):
        if path.is_file() and path.suffix not in {".lock", ".json"}:
            found = re.search(
                r"(?im)(password|token|secret)\w*\s*[:=]\s*['\"]?[A-Za-z0-9+/]{12,}['\"]?$",
                path.read_text(encoding="utf-8"),
            )
            assert found is None, path


def test_every_file_is_named_in_the_documents():
    pages = "".join(path.read_text(encoding="utf-8") for path in (ROOT / "docs").glob("*.md"))
    unnamed = [
        path.relative_to(ROOT).as_posix()
        for path in sorted(DEPLOY.rglob("*"))
        if path.is_file() and path.relative_to(ROOT).as_posix() not in pages
    ]

    assert unnamed == []
