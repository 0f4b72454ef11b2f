"""From an answer to a mail: how long a changed page's news takes to be accepted elsewhere.

The real service (`watcher run`) and the real command (`watcher once`) look at the invented site; one
page in a hundred has changed, some are withdrawn, some have a document more. The site notes when it
handed on the last byte of a changed page, the mail server when it accepted the mail that names it;
what lies between is all ours: judging, keeping, reading, comparing, appending, deciding whom to
tell, writing the mail and handing it over. Wall milliseconds; a change of which no mail came is
counted as missed, a mail of a page that had none as false.
"""

from __future__ import annotations

import argparse
import json
import math
import tempfile
import time
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path

from meter import PYTHON, Loopback, ask, keep, process, run, settings, site_and_sink

WATCHER = str(Path(PYTHON).with_name("watcher"))
FRACTION = 0.01
SHARE = 100
"""Medicines that one reader is responsible for."""
PATIENCE = 30.0
"""Seconds after the last page was asked for until a mail that did not come is missed."""


def configured(site: Loopback) -> str:
    """Return the configuration: every reader has some medicines and a mailbox.

    One reader of all would get the first ten mails of a pass, and the rest in one summary.
    """
    urls = site.urls()
    readers = {
        f"reader-{start // SHARE}": [url.rpartition("/")[2] for url in urls[start : start + SHARE]]
        for start in range(0, len(urls), SHARE)
    }
    mailbox = "mailto://127.0.0.1:{}/?from=watcher@bench.example&to={}@bench.example&mode=insecure"
    return settings(
        urls,
        {name: mailbox.format(site.mail_port, name) for name in readers},
        watch_lists=[{"id": name, "products": slugs} for name, slugs in readers.items()],
        rules=[{"id": name, "watch_list": name, "channels": [name]} for name in readers],
    )


def mailed(place: Path, after: int) -> dict[str, float]:
    """Return when each page was first named in a mail, of the lines after the first so many."""
    found: dict[str, float] = {}
    for line in place.read_text().splitlines()[after:] if place.exists() else ():
        told = json.loads(line)
        for page in told["pages"] if told["kind"] == "mail" else ():
            found.setdefault(page, told["at"])
    return found


def settled(site: Loopback, pages: int, seconds: float = 1_500) -> None:
    """Wait until every page was asked for since the last reset.

    Raises:
        TimeoutError: They were not.
    """
    until = time.perf_counter() + seconds
    while ask(f"{site.site}/__ctl/stats")["pages_hit"] < pages:
        if time.perf_counter() > until:
            message = f"not all of {pages} pages were asked for in {seconds:.0f} seconds"
            raise TimeoutError(message)
        time.sleep(0.2)


def one_pass(site: Loopback, pages: int, seed: int, look: Callable[[], None]) -> dict[str, object]:
    """Change some pages, have them looked at; return what became of each change."""
    known = len(site.told.read_text().splitlines()) if site.told.exists() else 0
    changed = {path.rpartition("/")[2]: path for path in site.change(FRACTION, seed)}
    look()
    settled(site, pages)
    until = time.perf_counter() + PATIENCE
    while changed.keys() - (told := mailed(site.told, known)).keys():
        if time.perf_counter() > until:
            break
        time.sleep(0.1)
    sent = ask(f"{site.site}/__ctl/sent")
    return {
        "milliseconds": [
            round((told[page] - sent[path]) * 1000, 1)
            for page, path in changed.items() if page in told
        ],
        "missed": len(changed.keys() - told.keys()),
        "false": len(told.keys() - changed.keys()),
    }  # fmt: skip


def by_run(site: Loopback, folder: Path, pages: int, rounds: int) -> list[dict[str, object]]:
    """Return the passes of the running service, asked to look by the command for it."""
    with process([WATCHER, "run", "--no-web"], folder):
        settled(site, pages)

        def look() -> None:
            run([WATCHER, "check", "site"], folder)

        look()  # the service answers: what it began with is over
        settled(site, pages)
        return [one_pass(site, pages, seed, look) for seed in range(1, rounds + 1)]


def by_once(site: Loopback, folder: Path, pages: int, rounds: int) -> list[dict[str, object]]:
    """Return the passes of a command that looks once and ends."""

    def look() -> None:
        run([WATCHER, "once"], folder)

    look()
    return [one_pass(site, pages, seed, look) for seed in range(1, rounds + 1)]


def percentile(values: list[float], share: float) -> float:
    """Return the value that so large a share of them does not exceed."""
    return sorted(values)[max(0, math.ceil(len(values) * share) - 1)]


def summary(who: str, passes: list[dict[str, object]]) -> dict[str, object]:
    taken: list[float] = [each for one in passes for each in one["milliseconds"]]  # type: ignore[attr-defined]
    counts = {name: sum(int(str(one[name])) for one in passes) for name in ("missed", "false")}
    times = {
        "p50_ms": percentile(taken, 0.5),
        "p99_ms": percentile(taken, 0.99),
        "least_ms": min(taken),
        "most_ms": max(taken),
    } if taken else {}  # fmt: skip
    return {"who": who, "told": len(taken), **times, **counts}


WAYS = {"run": by_run, "once": by_once}


def main() -> None:
    wanted = argparse.ArgumentParser(description=__doc__)
    wanted.add_argument("--n", type=int, default=200, help="pages")
    wanted.add_argument("--rounds", type=int, default=3, help="passes in which pages changed")
    wanted.add_argument("--by", nargs="*", default=[*WAYS], choices=WAYS)
    wanted.add_argument("--port", type=int, default=18_280)
    wanted.add_argument("--json", type=Path)
    chosen = wanted.parse_args()
    found = []
    print(f"{'by':6} {'told':>5} {'p50 ms':>9} {'p99 ms':>9} {'most ms':>9} missed false")
    for who in chosen.by:
        with ExitStack() as stack:
            folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="watcher-told-")))
            site = stack.enter_context(site_and_sink(folder, chosen.n, chosen.port))
            (folder / "sources.yaml").write_text(configured(site))
            each = summary(who, WAYS[who](site, folder, chosen.n, chosen.rounds))
        found.append(each)
        print(f"{who:6} {each['told']:5} " + " ".join(
            f"{each.get(name, math.nan):9.1f}" for name in ("p50_ms", "p99_ms", "most_ms")
        ) + f" {each['missed']:6} {each['false']:5}")  # fmt: skip
    keep(chosen.json, found, pages=chosen.n, rounds=chosen.rounds)


if __name__ == "__main__":
    main()
