"""What a release has to stand before it is one: `make release-check`.

    python tests/release/check.py 3.13      # on one Python only

Built twice from what is committed, in two places, with equal digests; checked by twine; its
contents compared with the tree; installed without extras, and with each, on every supported Python
of this machine; and run from there. What could not be tried here is said, and counts as not tried.
"""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import subprocess
import sys
import tarfile
import tempfile
import time
import zipfile
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
BIN = Path(sys.executable).parent
DIST = ROOT / "dist"
VERSIONS = ("3.11", "3.12", "3.13")
_SECRET = re.compile(
    rb"-----BEGIN [A-Z ]*PRIVATE KEY-----\n[A-Za-z0-9+/=\n]{40}"
    rb"|\bAKIA[0-9A-Z]{16}\b|\bghp_\w{36}\b|\bxox[bp]-\d{6,}"
)
_MADE_UP = frozenset({"tests", "docs"})
"""Where words that look like secrets are made up, and looked at by `make test`."""
_MUST = (
    "watcher/py.typed",
    "watcher/web/templates/base.html",
    "watcher/web/static/watcher.css",
    "watcher/store/migrations/versions/v0001_first_tables.py",
    "watcher/web/api/examples.json",
)
_OF_EXTRAS = (
    "watcher.doctor.server",
    "watcher.readers.pdf_extract",
    "watcher.runtime.cluster",
    "watcher.runtime.patience",
    "watcher.runtime.queue",
    "watcher.runtime.scheduling",
    "watcher.store.postgres",
)
"""How modules begin that are imported only where their extra was asked for."""
_IMPORT_ALL = """
import importlib, pkgutil, sys, watcher
failed = []
for each in pkgutil.walk_packages(watcher.__path__, "watcher."):
    if each.name.startswith(("watcher.store.migrations.", *%r)):
        continue
    try:
        importlib.import_module(each.name)
    except ImportError as error:
        failed.append(f"{each.name}: {error}")
print("\\n".join(failed) or "every module")
sys.exit(bool(failed))
"""


class ReleaseError(Exception):
    """The release does not stand one of its checks."""


def run(*command: str | Path, cwd: Path = ROOT, code: int = 0, **environment: str) -> str:
    """Run one command to its end and return what it printed; its exit code has to be `code`."""
    done = subprocess.run(
        [str(part) for part in command],
        cwd=cwd,
        env={**os.environ, "NO_COLOR": "1", "COLUMNS": "200", **environment},
        capture_output=True,
        text=True,
        check=False,
    )
    told = done.stdout + done.stderr
    if done.returncode != code:
        words = " ".join(map(str, command))
        message = f"`{words}` ended with {done.returncode}, not {code}:\n{told[-3000:]}"
        raise ReleaseError(message)
    return told


def say(what: str, found: str) -> None:
    sys.stdout.write(f"{what:<34} {found}\n")
    sys.stdout.flush()


def built(epoch: str, place: Path, umask: int, zone: str) -> dict[str, Path]:
    """Build wheel and sdist from what is committed, in a place of their own; return the files."""
    tree = place / "tree"
    tree.mkdir(parents=True)
    archive = place / "tree.tar"
    run("git", "archive", "--output", archive, "HEAD")
    with tarfile.open(archive) as opened:
        opened.extractall(tree, filter="data")
    old = os.umask(umask)
    try:
        run(
            *(sys.executable, "-m", "build", "--no-isolation", "--outdir", place / "out"),
            cwd=tree,
            SOURCE_DATE_EPOCH=epoch,
            TZ=zone,
        )
    finally:
        os.umask(old)
    return {each.name: each for each in (place / "out").iterdir()}


def build(room: Path) -> tuple[Path, Path]:
    """Build twice, compare, and put the results into dist/; return the wheel and the sdist."""
    if run("git", "status", "--porcelain"):
        say("not committed", "there are changes beside HEAD, and they are not in the release")
    epoch = run("git", "log", "-1", "--format=%ct").strip()
    first = built(epoch, room / "one", 0o022, "UTC")
    second = built(epoch, room / "two", 0o077, "Asia/Tokyo")
    DIST.mkdir(exist_ok=True)
    digests = []
    for name, path in sorted(first.items()):
        one, two = (hashlib.sha256(each[name].read_bytes()).hexdigest() for each in (first, second))
        if one != two:
            message = f"{name} differs from build to build: {one} and {two}"
            raise ReleaseError(message)
        digests.append(f"{one}  {name}\n")
        shutil.copy(path, DIST / name)
        say(f"built twice, equal: {name}", f"{path.stat().st_size:,} bytes  sha256:{one[:16]}…")
    (DIST / "SHA256SUMS").write_text("".join(digests), encoding="utf-8")
    wheel, sdist = (
        next(DIST / name for name in first if name.endswith(ending))
        for ending in (".whl", ".tar.gz")
    )
    run(BIN / "twine", "check", "--strict", wheel, sdist)
    say("twine check --strict", "passed")
    return wheel, sdist


def check_contents(wheel: Path, sdist: Path) -> None:
    """Check that the wheel has every file of the package, and that neither has anything else."""
    with zipfile.ZipFile(wheel) as opened:
        inside = {name: opened.read(name) for name in opened.namelist()}
    packaged = {name for name in inside if name.startswith("watcher/")}
    tracked = set(run("git", "ls-files", "src/watcher").split())
    wanted = {name.removeprefix("src/") for name in tracked}
    differing = sorted(packaged ^ wanted)
    if differing or set(_MUST) - packaged:
        message = f"the wheel and src/ differ: {differing or sorted(set(_MUST) - packaged)}"
        raise ReleaseError(message)
    others = sorted(name.partition("/")[2] for name in inside if not name.startswith("watcher/"))
    if not any(name.endswith("share/man/man1/watcher.1") for name in others):
        message = f"the wheel has no manual page; it has {others}"
        raise ReleaseError(message)
    _refuse_secrets(inside.items(), "the wheel")
    say("the wheel", f"{len(packaged)} files of the package; beside them {', '.join(others)}")
    with tarfile.open(sdist) as packed:
        members = [each for each in packed.getmembers() if each.isfile()]
        names = {each.name.partition("/")[2] for each in members}
        opened_files = ((each.name, packed.extractfile(each)) for each in members)
        _refuse_secrets(((name, file.read()) for name, file in opened_files if file), "the sdist")
    if strays := names - set(run("git", "ls-files").split()) - {"PKG-INFO"}:
        message = f"the sdist has files that are not in the tree: {sorted(strays)}"
        raise ReleaseError(message)
    say("the sdist", f"{len(names)} files, all of the tree")


def _refuse_secrets(files: Iterable[tuple[str, bytes]], what: str) -> None:
    for name, body in files:
        if _MADE_UP.isdisjoint(Path(name).parts) and _SECRET.search(body):
            message = f"{what}: {name} has something in it that looks like a secret"
            raise ReleaseError(message)


def check_metadata(wheel: Path) -> str:
    """Check that the version is one everywhere, and return it."""
    stated = re.search(
        r'__version__ = "(.+)"', (ROOT / "src/watcher/__init__.py").read_text("utf-8")
    )
    version = stated[1] if stated else ""
    with zipfile.ZipFile(wheel) as opened:
        (name,) = [each for each in opened.namelist() if each.endswith(".dist-info/METADATA")]
        metadata = opened.read(name).decode()
    if f"\nVersion: {version}\n" not in metadata or f"-{version}-" not in wheel.name:
        message = f"the wheel is not of version {version}"
        raise ReleaseError(message)
    changelog = (ROOT / "CHANGELOG.md").read_text("utf-8")
    headed = [each for each in (f"## {version}", "## Unreleased") if each in changelog]
    if not headed:
        message = f"CHANGELOG.md has no section for {version}"
        raise ReleaseError(message)
    say("version", f"{version}; CHANGELOG: {headed[0].removeprefix('## ')}")
    return version


def pythons() -> Iterator[tuple[str, str]]:
    """Yield each supported version with its interpreter; empty: it is not on this machine."""
    for version in VERSIONS:
        found = shutil.which(f"python{version}") or ""
        homes = sorted(Path.home().glob(f".pyenv/versions/{version}.*/bin/python"))
        if homes:
            found = str(homes[-1])
        try:
            told = run(found, "--version") if found else ""
        except (ReleaseError, OSError):
            told = ""
        yield version, found if f" {version}." in told else ""


def install(wheel: Path, python: str, place: Path, extra: str = "") -> Path:
    """Install the wheel into an empty environment, with what the lock names; return its bin/."""
    run(python, "-m", "venv", place)
    folder = place / "bin"
    named = f"watcher[{extra}] @ {wheel.as_uri()}" if extra else f"watcher @ {wheel.as_uri()}"
    constraints = place / "constraints.txt"
    lock = (ROOT / "requirements.lock").read_text("utf-8")
    pins = re.findall(r"^([A-Za-z0-9._-]+)(?:\[[^\]]*\])?==([^\s;\\]+)", lock, re.MULTILINE)
    constraints.write_text("".join(f"{name}=={pin}\n" for name, pin in pins), encoding="utf-8")
    pip = (folder / "pip", "install", "--quiet", "--disable-pip-version-check")
    run(*pip, "--constraint", constraints, named)
    return folder


def try_it(wheel: Path, python: str, room: Path, version: str) -> None:
    """Try everything that can be tried without a network, first without any extra."""
    began = time.monotonic()
    folder = install(wheel, python, room / "plain")
    program, here = folder / "watcher", room / "here"
    here.mkdir()
    if run(program, "--version", cwd=here).strip() != f"watcher {version}":
        message = "`watcher --version` tells another version"
        raise ReleaseError(message)
    run(folder / "python", "-c", _IMPORT_ALL % (_OF_EXTRAS,), cwd=here)
    told = run(program, "demo", "--fast", cwd=here, code=2)
    if "watcher[demo]" not in told:
        message = f"`watcher demo` without its extra does not say what to install:\n{told}"
        raise ReleaseError(message)
    for words, wanted in _without_extras(here).items():
        told = run(program, *words, cwd=here, code=1)
        if wanted not in told:
            message = f"`watcher {' '.join(words)}` does not name {wanted}:\n{told}"
            raise ReleaseError(message)
    contact = ("--contact", "mailto:release@watcher.invalid", "--medicine", "alofisel")
    run(program, "init", *contact, "--offline", "--yes", cwd=here)
    run(program, "doctor", "--offline", cwd=here)
    run(program, "selftest", cwd=here)
    page = room / "plain" / "share" / "man" / "man1" / "watcher.1"
    if not page.is_file():
        message = f"there is no {page}"
        raise ReleaseError(message)
    seconds = time.monotonic() - began
    say(
        f"{wheel.name.split('-')[0]} alone, {Path(python).name}", f"selftest kept; {seconds:,.0f} s"
    )
    try_extras(wheel, python, room)


def try_extras(wheel: Path, python: str, room: Path) -> None:
    """Try what is there only with extras, in the folder where all the rest was tried."""
    here = room / "here"
    demo = install(wheel, python, room / "demo", "demo") / "watcher"
    run(demo, "demo", "--fast", cwd=here)
    say("with the extra demo", "the demonstration ends with the one mail")
    whole = install(wheel, python, room / "all", "all") / "python"
    run(whole, "-c", _IMPORT_ALL % ((),), cwd=here)
    say("with the extra all", "every module can be imported")


def _without_extras(here: Path) -> Mapping[tuple[str, ...], str]:
    """Return what is asked of a program without extras, and the words it has to answer with."""
    workbook, pdf = here / "a.xlsx", here / "a.pdf"
    with zipfile.ZipFile(workbook, "w") as opened:
        opened.writestr("[Content_Types].xml", "<Types/>")
        opened.writestr("xl/workbook.xml", "<workbook/>")
    pdf.write_bytes(b"%PDF-1.4\n" + b" " * 100 + b"\n%%EOF\n")
    return {
        ("read", str(workbook), "--reader", "ema_medicines"): "watcher[excel]",
        ("read", str(pdf), "--reader", "pdf_text"): "watcher[pdf]",
    }


def main(wanted: list[str]) -> int:
    """Run every check; return 0 where all that could be tried passed.

    Args:
        wanted: The versions of Python to try it on; none: all that are supported.
    """
    began = time.monotonic()
    missing = []
    with tempfile.TemporaryDirectory(prefix="watcher-release-") as folder:
        room = Path(folder)
        try:
            wheel, sdist = build(room / "build")
            check_contents(wheel, sdist)
            version = check_metadata(wheel)
            for name, python in pythons():
                if wanted and name not in wanted:
                    missing.append(name)
                elif python:
                    say(f"Python {name}", python)
                    try_it(wheel, python, room / name, version)
                else:
                    missing.append(name)
                    say(f"Python {name}", "not on this machine: NOT TRIED")
        except ReleaseError as error:
            sys.stdout.write(f"NOT A RELEASE: {error}\n")
            return 1
    tried = "not tried on " + ", ".join(missing) if missing else "on every supported Python"
    say("a release", f"by all checks, {tried}; {time.monotonic() - began:,.0f} s")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
