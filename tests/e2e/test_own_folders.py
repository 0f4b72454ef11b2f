"""The program writes to its own folders and to nothing else."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from kit.bulk import bulk, row, withdrawn
from kit.faulty_server import FaultyServer
from kit.process import command
from kit.station import settings

pytestmark = pytest.mark.e2e

PATH = "/medicines.json"


def tree(folder: Path) -> dict[str, tuple[int, bytes]]:
    """Everything below a folder: names, modes, contents."""
    return {
        str(path.relative_to(folder)): (
            path.lstat().st_mode,
            path.read_bytes() if path.is_file() else b"",
        )
        for path in sorted(folder.rglob("*"))
    }


def test_a_look_leaves_nothing_behind_but_in_its_own_folders(tmp_path):
    place, home, scratch, own = (tmp_path / name for name in ("etc", "home", "tmp", "var"))
    for folder in (place, home, scratch, own):
        folder.mkdir()
    with FaultyServer() as site:
        site.page(PATH, bulk(row(1), row(2)), media_type="application/json")
        source = {"id": "ema", "reader": "ema_medicines", "url": site.url(PATH)}
        path = settings(place, [source], channels={"files": f"folder:{own / 'messages'}"})
        told = json.loads(path.read_text(encoding="utf-8"))
        told["storage"] = {
            "database": f"sqlite:///{own / 'watcher.db'}",
            "snapshots": str(own / "snapshots"),
        }
        path.write_text(json.dumps(told), encoding="utf-8")
        # as an ordinary user the folder cannot be written to at all; root's is compared
        place.chmod(0o555)
        before = tree(place), tree(home), tree(scratch)
        surroundings = {"HOME": str(home), "TMPDIR": str(scratch), "XDG_CACHE_HOME": str(home)}

        first = command(place, "once", **surroundings)
        site.page(PATH, bulk(row(1), withdrawn(2)), media_type="application/json")
        second = command(place, "once", **surroundings)

        place.chmod(0o755)
    assert (first.returncode, second.returncode) == (0, 0), first.stderr + second.stderr
    assert (tree(place), tree(home), tree(scratch)) == before
    assert {"watcher.db", "snapshots", "messages"} <= {each.name for each in own.iterdir()}
    assert not [each for each in own.rglob("*") if each.stat().st_mode & 0o002]
