"""The machine: Python, packages, zone data, who we are, and room on the disks."""

from __future__ import annotations

import os
import re
import shutil
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import UTC, datetime
from importlib import metadata
from pathlib import Path
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from watcher.doctor.finding import Area, Finding
from watcher.services.room import LEAST_FREE, Place, Room

_AREA = Area("machine")
_OLDEST, _NEWEST = (3, 11), (3, 13)
_REQUIREMENT = re.compile(r"([A-Za-z0-9._-]+)(?:\[[^\]]*\])?\s*([^;]*)(?:;\s*(.*))?")
_LEAST = re.compile(r">=\s*([0-9.]+)")
_EXTRA = re.compile(r"""extra\s*==\s*['"]([\w-]+)['"]""")
_KNOWN_HOURS = (
    ("Europe/Amsterdam", datetime(2026, 1, 15, 12, tzinfo=UTC), 1),
    ("Europe/Amsterdam", datetime(2026, 7, 15, 12, tzinfo=UTC), 2),
)
"""Hours from UTC that are law: EMA's clock, by which bulk files are looked at."""
_ZONES_AGE = 2
"""Years after which a data base of time zones is old: a state changes its clock every year."""


def python(version: tuple[int, ...] = sys.version_info[:3]) -> Finding:
    """Return whether this Python is one the program is tested on."""
    words = ".".join(map(str, version))
    if _OLDEST <= version[:2] <= _NEWEST:
        return _AREA.fine("Python", words)
    return _AREA.failing(
        "Python",
        words,
        means="the program is tested on 3.11 to 3.13 and on no other",
        advice="install it into an environment of one of these",
    )


def packages(
    needed: Iterable[str] | None = None, installed: Callable[[str], str] = metadata.version
) -> Finding:
    """Return whether each package the program needs is there, and not too old.

    Args:
        needed: Requirements as the package states them; None: those of this program.
        installed: Returns the version of a package; raises PackageNotFoundError.
    """
    wanted = [
        (name, least)
        for name, least, extra in map(_parts, needed or metadata.requires("watcher") or ())
        if not extra
    ]
    wrong = [problem for name, least in wanted if (problem := _wrong(name, least, installed))]
    if not wrong:
        return _AREA.fine("packages", f"{len(wanted)} as they are needed")
    return _AREA.failing(
        "packages",
        "; ".join(wrong),
        means="parts of the program fail when they are first used",
        advice="install the program anew into an environment of its own, with its dependencies",
    )


def extras(wanted: Mapping[str, str]) -> Iterator[Finding]:
    """Yield for each extra that the configuration needs whether its packages are there.

    Args:
        wanted: What needs it, in words, by the extra's name.
    """
    stated = [*map(_parts, metadata.requires("watcher") or ())]
    for extra, why in wanted.items():
        lacking = [
            problem
            for name, least, of in stated
            if of == extra and (problem := _wrong(name, least, metadata.version))
        ]
        if lacking:
            yield _AREA.failing(
                f"extra {extra}",
                "; ".join(lacking),
                means=f"{why} needs it, and cannot be read without",
                advice=f"pip install 'watcher[{extra}]'",
            )
        else:
            yield _AREA.fine(f"extra {extra}", f"there, for {why}")


def _parts(requirement: str) -> tuple[str, str, str]:
    """Return a requirement's name, the least version, and the extra it belongs to."""
    match = _REQUIREMENT.fullmatch(requirement.strip())
    name, bounds, marker = match.groups(default="") if match else (requirement, "", "")
    least = _LEAST.search(bounds)
    extra = _EXTRA.search(marker)
    return name, least[1] if least else "", extra[1] if extra else ""


def _wrong(name: str, least: str, installed: Callable[[str], str]) -> str:
    try:
        found = installed(name)
    except metadata.PackageNotFoundError:
        return f"{name} is not installed"
    return f"{name} {found} is older than {least}" if _number(found) < _number(least) else ""


def _number(version: str) -> tuple[int, ...]:
    """Return the numbers of a release, as many as matter, so that 2.25 and 2.25.0 are one."""
    leading = re.match(r"[0-9]+(?:\.[0-9]+)*", version)
    numbers = [int(part) for part in leading[0].split(".")] if leading else []
    return tuple([*numbers, 0, 0, 0, 0][:4])


def zone_data(zones: Iterable[str], now: datetime) -> Iterator[Finding]:
    """Yield whether every zone that is used is known, and the data about them is right and new.

    Args:
        zones: Names of zones.
        now: The present instant.
    """
    unknown = sorted(zone for zone in set(zones) if not _is_known(zone))
    wrong = [
        f"{zone} is not {hours} h from UTC in {at:%B}"
        for zone, at, hours in _KNOWN_HOURS
        if not _is_known(zone) or _hours(zone, at) != hours
    ]
    version = _zones_version()
    if unknown or wrong:
        yield _AREA.failing(
            "zone data",
            "; ".join([*(f"{zone} is not known" for zone in unknown), *wrong]),
            means="looks and digests would come at the wrong hour",
            advice="pip install --upgrade tzdata",
        )
    elif version and now.year - int(version[:4]) >= _ZONES_AGE:
        yield _AREA.warning(
            "zone data",
            f"of {version[:4]}",
            means="a state that changed its clock since then has its digests an hour off",
            advice="pip install --upgrade tzdata",
        )
    else:
        yield _AREA.fine("zone data", f"tzdata {version}" if version else "the system's")


def _zones_version() -> str:
    try:
        return metadata.version("tzdata")
    except metadata.PackageNotFoundError:
        return ""


def _is_known(zone: str) -> bool:
    try:
        ZoneInfo(zone)
    except (ZoneInfoNotFoundError, ValueError):
        return False
    return True


def _hours(zone: str, at: datetime) -> float:
    offset = at.astimezone(ZoneInfo(zone)).utcoffset()
    return offset.total_seconds() / 3600 if offset is not None else 0.0


def user(number: int | None = None) -> Finding:
    """Return as whom we run."""
    who = os.geteuid() if number is None else number
    if who:
        return _AREA.fine("user", f"number {who}, without the rights of root")
    return _AREA.warning(
        "user",
        "root",
        means="a fault in a reader could reach everything on this machine",
        advice="run it as a user of its own: see deploy/watcher.service",
    )


def folders(places: Mapping[str, Path]) -> Iterator[Finding]:
    """Yield whether we may write where we keep things.

    Args:
        places: What is kept, in words, with its folder; it may not exist yet.
    """
    for what, folder in places.items():
        there = _nearest(folder)
        if os.access(there, os.W_OK | os.X_OK):
            is_new = there != folder
            yield _AREA.fine(what, f"{folder}{' will be made' if is_new else ''}")
        else:
            yield _AREA.failing(
                what,
                f"{there} may not be written to by user number {os.geteuid()}",
                means="nothing can be kept, and so nothing is looked at",
                advice=f"give it to this user: chown {os.geteuid()} {there}",
            )


def room(places: Mapping[Place, Path]) -> Iterator[Finding]:
    """Yield what room there is on the disks, by the bounds that the service tells by, too."""
    for place, folder in places.items():
        there = _nearest(folder)
        usage = shutil.disk_usage(there)
        found = Room(place=place, free=usage.free, total=usage.total)
        left = f"{usage.free / 1e6:,.0f} of {usage.total / 1e6:,.0f} MB are free"
        entries = os.statvfs(there)
        if usage.free < LEAST_FREE or (entries.f_files and not entries.f_favail):
            yield _AREA.failing(
                f"room for the {place}",
                left if entries.f_favail else "no file can be made any more (inodes)",
                means="the next look may not be kept, and so not believed",
                advice="make room, or move it: docs/operating.md",
            )
        elif usage.free < found.least:
            yield _AREA.warning(
                f"room for the {place}",
                left,
                means="the operator is told of it (storage.low) until there is more",
                advice="make room; `watcher snapshots stats` tells what takes it",
            )
        else:
            yield _AREA.fine(f"room for the {place}", left)


def _nearest(folder: Path) -> Path:
    """Return the folder, or the nearest one above it that is there."""
    absolute = folder.absolute()
    return next(each for each in (absolute, *absolute.parents) if each.is_dir())
