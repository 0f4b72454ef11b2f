"""A lived-in installation from SQLite to PostgreSQL and back: equal, whole and signed each time.

    python benchmarks/moving.py                     # 100,000 events: minutes
    python benchmarks/moving.py --events 10000

EMA's list of medicines with 2,700 rows is looked at day by day by the program itself, and each day
every row says something else: so each event has a capture, each capture its payload, every day is
sealed and signed, and the mass of changes stands held. Then the program's own commands: `verify`,
`store digest`, `store move` to a PostgreSQL that keeps what is committed, the same there against the
checkpoints signed before, and all of it back into a new file. Ends with 1 where a digest differs or
`verify` finds fault.
"""

from __future__ import annotations

import argparse
import json
import shutil
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests"))

import sqlalchemy as sa
from bulk import DAY, FORMS, Shelf
from meter import keep, run, settings

from kit.clocks import StandingClock
from kit.ema_tables import a_list, a_medicine
from kit.engines import address_of
from kit.postgres import Cluster
from watcher.bootstrap import Watcher, World, opened
from watcher.config.load import load
from watcher.readers.registry import READERS

ROWS = 2_700
URL = "https://ema.example/medicines.json"
WATCHER = str(Path(sys.executable).with_name("watcher"))


def configuration(folder: Path, name: str, database: str) -> Path:
    """Write a configuration for a database; keys and payloads stay where they are."""
    source = {"id": "ema", "reader": "ema_medicines", "url": URL, "every": "12h", "tier": 1,
              "expect": {"records": [1, 2 * ROWS]}}  # fmt: skip
    place = {"database": database, "folder": f"{folder}/data", "snapshots": f"{folder}/snapshots"}
    path = folder / f"{name}.yaml"
    channels = {"sink": f"folder:{folder}/sent"}
    path.write_text(settings([], channels, sources=[source], storage=place))
    return path


def bodies() -> Iterator[bytes]:
    """Yield the list as it is from day to day: the same rows, each holder another one."""
    some = [a_medicine(number) for number in range(1, ROWS + 1)]
    for day in range(10_000):
        for row in some:
            row["marketing_authorisation_developer_applicant_holder"] = f"Holder {day} B.V."
        yield a_list(some)


def live(path: Path, events: int) -> dict[str, int]:
    """Let the installation live until its log is so long; return what it holds."""
    clock, shelf = StandingClock(), Shelf(b"", FORMS["json"].media_type)
    world = World(clock=clock, sleep=clock.sleep, fetcher=shelf)
    with opened(load(path, {}, READERS), world, writable=True) as watcher:
        for shelf.body in bodies():
            watcher.check(watcher.source("ema"), URL)
            watcher.alert()
            watcher.seal()
            found = held(watcher)
            print(f"\r{found['events']:,} events", end="", file=sys.stderr)
            if found["events"] >= events:
                break
            clock.forward(DAY)
    print(file=sys.stderr)
    return found


def held(watcher: Watcher) -> dict[str, int]:
    """Return how much is kept."""
    with watcher.store.reading() as work:
        return {"events": work.log.head(), "captures": work.captures.count()}


def asked(folder: Path, *arguments: str) -> tuple[dict[str, Any], float]:
    """Run a command of the program; return what it told, and the seconds it took."""
    log = folder / "log"
    log.unlink(missing_ok=True)
    taken = run([WATCHER, *arguments, "--json"], folder)
    told = log.read_text()
    # what is said beside it goes to the same file
    return json.JSONDecoder().raw_decode(told, told.index("{"))[0], round(taken.wall, 1)


def examined(folder: Path, path: Path) -> dict[str, Any]:
    """Return an installation's digest and what `verify` says of it; what it faults ends us."""
    kept = folder / "checkpoints.kept"
    digest, _ = asked(folder, "store", "digest", "--config", str(path))
    told, seconds = asked(folder, "verify", "--config", str(path), "--checkpoint", str(kept))
    return {"digest": digest, "verify": told, "verify_s": seconds}


def moved(folder: Path, events: int, url: sa.URL) -> dict[str, Any]:
    """Let it live, move it there and back, and examine it in each place."""
    old, back = f"sqlite:///{folder}/data/watcher.db", f"sqlite:///{folder}/back.db"
    new = address_of(url)
    first = configuration(folder, "before", old)
    found: dict[str, Any] = {"held": live(first, events)}
    shutil.copy(folder / "data" / "checkpoints.txt", folder / "checkpoints.kept")
    found["sqlite"] = examined(folder, first)
    _, found["move_s"] = asked(folder, "store", "move", old, new)
    found["postgresql"] = examined(folder, configuration(folder, "there", new))
    _, found["back_s"] = asked(folder, "store", "move", new, back)
    found["sqlite again"] = examined(folder, configuration(folder, "back", back))
    return found


def shown(found: dict[str, Any], places: tuple[str, ...]) -> None:
    """Print it, a line a place."""
    print(f"{found['held']['events']:,} events of {found['held']['captures']:,} looks")
    print(f"moved in {found['move_s']} s, and back in {found['back_s']} s")
    for place in places:
        each = found[place]
        whole = "whole" if each["verify"]["ok"] else "NOT WHOLE"
        print(f"{place:13} {whole} in {each['verify_s']:5} s  {each['digest']['store']['digest']}")


def main() -> None:
    """Read the arguments, move, print."""
    wanted = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    wanted.add_argument("--events", type=int, default=100_000)
    wanted.add_argument("--json", type=Path, help="where to write what was measured")
    chosen = wanted.parse_args()
    places = ("sqlite", "postgresql", "sqlite again")
    with (
        Cluster(is_durable=True) as postgres,
        postgres.database() as url,
        tempfile.TemporaryDirectory(prefix="watcher-moving-") as name,
    ):
        found = moved(Path(name), chosen.events, url)
    shown(found, places)
    keep(chosen.json, found)
    if len({found[place]["digest"]["store"]["digest"] for place in places}) > 1:
        sys.exit("the digests differ")


if __name__ == "__main__":
    main()
