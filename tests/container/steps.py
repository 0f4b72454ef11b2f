"""The steps of the Containerfile, done in scratch roots, and what comes of them started.

For machines that have no builder of containers: `make container-steps`, as root. Each stage is an
overlay over this machine's own root, so that every absolute path is the container's; this
machine's Python stands for the base image's. RUN and COPY are done as they are written; then the
health check and the command are started as the container would: as its user, on a root that
cannot be written to. It needs the packages' registry, and two minutes.
"""

from __future__ import annotations

import json
import os
import re
import shlex
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
CONTAINERFILE = ROOT / "deploy" / "Containerfile"
SETTINGS = """\
contact: mailto:you@your-organisation.eu
storage: {database: "sqlite:////var/lib/watcher/watcher.db", snapshots: /var/lib/watcher/snapshots}
sources:
  - id: a
    reader: ema_medicine_page
    url: https://127.0.0.1:9/a
    every: 12h
    tier: 1
    allow_private: true
"""
_WRITABLE = ("/tmp", "/var/lib/watcher", "/var/cache/watcher")  # noqa: S108  the container's own
_SECONDS = 300
_CHROOT = shutil.which("chroot") or "/usr/sbin/chroot"


def say(line: str) -> None:
    """Tell what is being done, at once."""
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def mount(*words: str | Path) -> None:
    """Mount something, or end."""
    subprocess.run([shutil.which("mount") or "mount", *words], check=True)


@dataclass
class Stage:
    """One stage: its root, and what its instructions have set so far."""

    root: Path
    variables: dict[str, str] = field(default_factory=dict)
    folder: str = "/"
    user: str = "0:0"
    settings: dict[str, str] = field(default_factory=dict)

    def done(self, *words: str, user: str = "0:0", check: bool = True) -> subprocess.Popen[str]:
        """Start a command in this root; wait for it where it has to go well."""
        uid, gid = user.split(":")
        drop = ["setpriv", f"--reuid={uid}", f"--regid={gid}", "--clear-groups"]
        inside = [
            "env",
            "-C",
            self.folder,
            "-i",
            *(f"{k}={v}" for k, v in self.environment.items()),
        ]
        process = subprocess.Popen([_CHROOT, self.root, *drop, *inside, *words], text=True)
        if check and process.wait(_SECONDS):
            sys.exit(f"failed: {shlex.join(words)}")
        return process

    @property
    def environment(self) -> dict[str, str]:
        """Return what a process in this stage sees."""
        python = f"{sys.base_prefix}/bin"
        base = {"PATH": f"{python}:/usr/local/bin:/usr/bin:/bin:/usr/sbin", "HOME": "/nowhere"}
        found = dict(base)
        for name, value in self.variables.items():
            found[name] = re.sub(r"\$(\w+)", lambda it: found.get(it[1], ""), value)
        return found


def instructions() -> Iterator[tuple[str, str]]:
    """Yield each instruction with its words, lines that go on put together."""
    text = re.sub(r"^\s*#.*\n", "", CONTAINERFILE.read_text("utf-8"), flags=re.MULTILINE)
    for line in re.sub(r"\\\n", " ", text).splitlines():
        name, _, rest = line.strip().partition(" ")
        if name:
            yield name, rest.strip()


def overlay(scratch: Path, name: str) -> Path:
    """Return a root of its own over this machine's, in which this Python may be used by anyone."""
    upper, work, root = (scratch / f"{name}-{part}" for part in ("upper", "work", "root"))
    for folder in (upper, work, root):
        folder.mkdir()
    options = f"lowerdir=/,upperdir={upper},workdir={work}"
    mount("-t", "overlay", "overlay", "-o", options, root)
    mount("--rbind", "/dev", root / "dev")
    mount("-t", "proc", "proc", root / "proc")
    for above in (*Path(sys.base_prefix).parents, Path(sys.base_prefix)):
        place = root / above.relative_to("/")
        place.chmod(place.stat().st_mode | 0o011)
    return root


def build(scratch: Path) -> Stage:
    """Do every instruction of every stage, and return the last stage."""
    stages: dict[str, Stage] = {}
    stage = Stage(Path("/"))
    for name, words in instructions():
        match name:
            case "FROM":
                known = words.partition(" AS ")[2] or str(len(stages))
                stage = stages[known] = Stage(overlay(scratch, known))
            case "RUN":
                say(f"RUN {words[:90]}")
                stage.done("/bin/sh", "-ec", words)
            case "COPY":
                copy(stages, stage, shlex.split(words))
            case "ENV":
                stage.variables |= dict(each.split("=", 1) for each in shlex.split(words))
            case "WORKDIR":
                stage.folder = words
                (stage.root / words.lstrip("/")).mkdir(parents=True, exist_ok=True)
            case "USER":
                stage.user = words
            case "ENTRYPOINT" | "CMD" | "HEALTHCHECK":
                stage.settings[name] = words[words.index("[") :]
            case "ARG" | "LABEL" | "VOLUME" | "STOPSIGNAL":
                pass
            case _:
                sys.exit(f"no way to do {name}: teach tests/container/steps.py")
    return stage


def copy(stages: dict[str, Stage], stage: Stage, words: list[str]) -> None:
    """Do a COPY, from the context or from another stage."""
    options = dict(each[2:].split("=", 1) for each in words if each.startswith("--"))
    *sources, target = [each for each in words if not each.startswith("--")]
    origin = stages[options["from"]].root if "from" in options else ROOT
    place = stage.root / os.path.join(stage.folder, target).lstrip("/")  # noqa: PTH118
    for each in sources:
        source = origin / each.lstrip("/")
        into = place / source.name if target.endswith("/") else place
        say(f"COPY {each}")
        if source.is_dir():
            shutil.copytree(source, into if into.name == source.name else place, symlinks=True)
        else:
            into.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(source, into)


def close(stage: Stage) -> None:
    """Have a stage's root be one that cannot be written to but where the container may write."""
    uid, gid = stage.user.split(":")
    settings = stage.root / "etc/watcher/sources.yaml"
    settings.parent.mkdir(exist_ok=True)
    settings.write_text(SETTINGS)
    for each in _WRITABLE:
        place = stage.root / each.lstrip("/")
        place.mkdir(parents=True, exist_ok=True)
        options = f"size=64m,uid={uid},gid={gid},mode=0700"
        mount("-t", "tmpfs", "tmpfs", "-o", options, place)
    mount("-o", "remount,ro", stage.root)


def start(stage: Stage) -> None:
    """Start the health check and the command as the container would; end the command as it does."""
    program = json.loads(stage.settings["ENTRYPOINT"])
    stage.done(*program, "--version", user=stage.user)
    service = stage.done(*program, *json.loads(stage.settings["CMD"]), user=stage.user, check=False)
    try:
        service.wait(5)
        sys.exit(f"the command ended at once, with {service.returncode}")
    except subprocess.TimeoutExpired:
        stage.done(*json.loads(stage.settings["HEALTHCHECK"]), user=stage.user)
        service.send_signal(signal.SIGTERM)
        if service.wait(60):
            sys.exit(f"the command did not end well: {service.returncode}")
    for place in ("/opt/watcher", "/etc", "/"):
        touched = stage.done("touch", f"{place}/x", user="0:0", check=False)
        if not touched.wait(_SECONDS):
            sys.exit(f"{place} can be written to")
    packages = stage.root / "opt/watcher/.venv/lib"
    if [*packages.glob("*/site-packages/pytest")] or (stage.root / "opt/build").exists():
        sys.exit("what only builds or tests is in the container")
    size = sum(each.stat().st_size for each in packages.rglob("*") if each.is_file())
    say(f"the container's steps are done, and it runs: {size / 1e6:.0f} MB of packages")


def main() -> None:
    """Do all of it in mounts of this process's own, which end with it."""
    if os.getuid():
        sys.exit("the container's steps need root: they mount scratch roots")
    if "--inside" not in sys.argv:
        alone = [shutil.which("unshare") or "unshare", "--mount"]
        done = subprocess.run([*alone, sys.executable, __file__, "--inside"], check=False)
        sys.exit(done.returncode)
    with tempfile.TemporaryDirectory(prefix="watcher-container-") as scratch:
        mount("-t", "tmpfs", "-o", "size=2g", "tmpfs", scratch)
        try:
            stage = build(Path(scratch))
            close(stage)
            start(stage)
        finally:
            umount = shutil.which("umount") or "umount"
            subprocess.run([umount, "--recursive", "--lazy", scratch], check=False)


if __name__ == "__main__":
    main()
