"""The pass benchmark: we and our peers look at the same site, in one run and in turns.

Each round starts a fresh site and, for each program, makes five passes over all pages: the first;
one in which nothing changed; one after every page changed in what means nothing; one more without
any change; one in which one page in a hundred changed. CPU milliseconds a page are compared, ours
as a multiple of each peer's in the same round: machines are shared. Which changes were told is
counted against the truth.

`--shared DIR` takes site and sink from a folder of bench programs that other projects use too.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import statistics
import sys
import tempfile
import time
from collections import defaultdict
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from meter import HERE, PYTHON, ask, machine, process, spread
from peers import DRIVERS, Driver, Place

PASSES = ("first", "unchanged", "noise", "unchanged after noise", "1 % changed")
OWN_READER = "reader: ema_medicine_page"
SHARED_READER = """reader: generic
    options:
      subject: medicine
      facts:
        - {path: "authorisation[EU].status", css: dd.status, kind: status, required: true}
        - {path: product.brand_name, css: dd.name, required: true}
        - {path: product.number, css: dd.product-no, required: true}
        - {path: product.inn, css: dd.inn}
        - {path: product.atc_code, css: dd.atc}
        - {path: "authorisation[EU].holder", css: dd.holder}
        - {path: "authorisation[EU].granted", css: dd.date-authorised, kind: date, order: day_first}
        - {path: "authorisation[EU].withdrawn", css: dd.date-withdrawn, kind: date, order: day_first}
      lists:
        - path: document
          css: tr.bcl-file
          key: url
          fields:
            url: {css: td.doc-title a, attribute: href, kind: url}
            title: {css: td.doc-title a}
            category: {css: td.doc-category}
            reference: {css: td.doc-ref}
            revision: {css: td.doc-rev}
            first_published: {css: td.doc-first time, kind: date, order: day_first}
            last_updated: {css: td.doc-updated time, kind: date, order: day_first}
          least: 10"""


@dataclass(frozen=True, slots=True)
class Row:
    """One pass of one program."""

    who: str
    what: str
    cpu_ms: float
    wall_ms: float
    megabytes: float
    kilobytes_stored: float
    requests: int
    unmodified: int
    missed: int
    false: int
    told: int


@dataclass(frozen=True, slots=True)
class Ports:
    """Where site and sink listen."""

    site: int
    sink: int


def one_round(who: str, pages: int, number: int, chosen: argparse.Namespace) -> list[Row]:
    """Run all passes of one program against a fresh site."""
    folder = Path(tempfile.mkdtemp(prefix=f"watcher-bench-{who}-"))
    programs = chosen.shared or HERE
    site, sink = f"http://127.0.0.1:{chosen.port}", f"http://127.0.0.1:{chosen.port + 10}"
    server = programs / ("server.py" if chosen.shared else "site_server.py")
    runs_server = str(chosen.venvs / "tools/bin/python") if chosen.shared else PYTHON
    try:
        with ExitStack() as running:
            command = [runs_server, str(server), "--n", str(pages), "--port", str(chosen.port)]
            running.enter_context(process(command, folder, f"{site}/__ctl/stats"))
            command = [PYTHON, str(HERE / "sink.py"), "--port", str(chosen.port + 10)]
            command += ["--mail-port", str(chosen.port + 11), "--out", str(folder / "told.jsonl")]
            running.enter_context(process(command, folder, f"{sink}/__sink/count"))
            reader = SHARED_READER if chosen.shared else OWN_READER
            (folder / who).mkdir()
            place = Place(folder / who, chosen.venvs, site, sink, reader)
            driver: Driver = DRIVERS[who](place)
            running.callback(driver.stop)
            driver.setup(str(ask(f"{site}/__ctl/urls")).split())
            return [_one_pass(who, driver, place, what, pages, number) for what in chosen.passes]
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _one_pass(who: str, driver: Driver, place: Place, what: str, pages: int, number: int) -> Row:
    truth: set[str] = set()
    if what == "noise":
        ask(f"{place.site}/__ctl/noise?fraction=1&seed={number}")
    elif what == "1 % changed":
        told = ask(f"{place.site}/__ctl/change?fraction=0.01&kinds=status,doc_added&seed={number}")
        truth = {each["path"].rpartition("/")[2] for each in told}
    ask(f"{place.site}/__ctl/reset")
    ask(f"{place.sink}/__sink/reset")
    used = driver.run()
    time.sleep(0.5)
    stats, named = ask(f"{place.site}/__ctl/stats"), ask(f"{place.sink}/__sink/urls")
    return Row(
        who=who,
        what=what,
        cpu_ms=used.cpu / pages * 1000,
        wall_ms=used.wall / pages * 1000,
        megabytes=used.megabytes,
        kilobytes_stored=driver.stored() / pages / 1000,
        requests=stats["requests"],
        unmodified=stats["status"].get("304", 0),
        missed=len(truth - named.keys()),
        false=len(named.keys() - truth),
        told=len(named),
    )


def summary(rows: list[Row]) -> list[dict[str, object]]:
    """Return the medians of each program's passes, ours as a multiple of each peer's."""
    by: dict[tuple[str, str], list[Row]] = defaultdict(list)
    for row in rows:
        by[row.who, row.what].append(row)
    found: list[dict[str, object]] = []
    for (who, what), some in by.items():
        ours = [row.cpu_ms for row in by.get(("watcher", what), [])]
        ratios = [one / row.cpu_ms for one, row in zip(ours, some, strict=False)]
        # noise may cost a part of what reading everything for the first time costs the other
        noisy = [row.cpu_ms for row in by.get(("watcher", "noise"), [])] if what == "first" else []
        noises = [one / row.cpu_ms for one, row in zip(noisy, some, strict=False)]
        found.append({
            "pass": what, "who": who, "cpu_ms": spread([row.cpu_ms for row in some]),
            "wall_ms": round(statistics.median(row.wall_ms for row in some), 2),
            "megabytes": round(max(row.megabytes for row in some), 1),
            "kilobytes_stored": round(statistics.median(row.kilobytes_stored for row in some), 2),
            "unmodified": min(row.unmodified for row in some) / max(1, *(row.requests for row in some)),
            "missed": sum(row.missed for row in some), "false": sum(row.false for row in some),
            "ratio": spread(ratios) if ratios else None,
            "noise_ratio": spread(noises) if noises else None,
        })  # fmt: skip
    return found


def shown(found: list[dict[str, object]]) -> None:
    print(f"{'pass':22} {'who':18} {'CPU ms':>8} {'ratio':>7} {'wall ms':>8} {'MB':>7} "
          f"{'kB kept':>8} {'304':>5} missed false")  # fmt: skip
    for each in sorted(found, key=lambda row: PASSES.index(str(row["pass"]))):
        cpu, ratio = each["cpu_ms"], each["ratio"]
        assert isinstance(cpu, dict)
        times = ratio["median"] if isinstance(ratio, dict) else float("nan")
        print(f"{each['pass']:22} {each['who']:18} {cpu['median']:8.2f} {times:7.3f} "
              f"{each['wall_ms']:8.2f} {each['megabytes']:7.1f} {each['kilobytes_stored']:8.2f} "
              f"{each['unmodified']:5.0%} {each['missed']:6} {each['false']:5}")  # fmt: skip


def _venvs() -> Path:
    return Path(os.environ.get("BENCH_VENVS", Path(tempfile.gettempdir()) / "bench-venvs"))


def main() -> None:
    wanted = argparse.ArgumentParser(description=__doc__)
    wanted.add_argument("--n", type=int, default=100, help="pages")
    wanted.add_argument("--rounds", type=int, default=1)
    wanted.add_argument("--peers", nargs="*", default=[], choices=[*DRIVERS])
    wanted.add_argument("--passes", nargs="*", default=list(PASSES), choices=PASSES)
    wanted.add_argument("--shared", type=Path, help="a folder with server.py and sink.py")
    wanted.add_argument("--venvs", type=Path, default=_venvs(), help="made by venvs.sh")
    wanted.add_argument("--port", type=int, default=18_080)
    wanted.add_argument("--json", type=Path, help="where to write what was measured")
    chosen = wanted.parse_args()
    who = ["watcher", *(each for each in chosen.peers if each != "watcher")]
    rows: list[Row] = []
    for number in range(1, chosen.rounds + 1):
        for each in who:
            rows += one_round(each, chosen.n, number, chosen)
            print(f"round {number}: {each} done", file=sys.stderr)
    found = summary(rows)
    shown(found)
    if chosen.json:
        told = {"machine": machine(), "command": sys.argv, "pages": chosen.n,
                "rounds": chosen.rounds, "results": found}  # fmt: skip
        chosen.json.write_text(json.dumps(told, indent=1) + "\n")


if __name__ == "__main__":
    main()
