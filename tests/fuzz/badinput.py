"""Ten thousand bad inputs through readers, configuration, archives, the line and the command line.

    python tests/fuzz/badinput.py [10000] [--write]

Each is a real or made input damaged as networks, editors and enemies do it; the same seed gives the
same ones. What may come of one is told in a word: `read`, `refused`, `done`, `unusable`. Anything
else (another exception, a look that takes over ten seconds, an event from a page that was not
believed) is a break: it is printed with its number, and the exit code is 1. `--write` puts the
counts into `docs/security.md`.
"""

from __future__ import annotations

import re
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from random import Random

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from typer.testing import CliRunner

from fuzz.corpus import Seed, corpus
from fuzz.mutations import mutate
from fuzz.soundness import check_refusal, check_sound
from kit.bulk import bulk, row, withdrawn
from kit.clocks import StandingClock
from kit.configs import ENVIRONMENT, FULL
from kit.configs import READERS as CONFIGURABLE
from kit.plain_source import ScriptedFetcher, a_source, a_toolbox
from kit.station import settings
from watcher.cli.main import app
from watcher.config.load import checked
from watcher.core import taxonomy
from watcher.errors import ConfigError, OperationalError, ReadError
from watcher.ports import Answer
from watcher.readers.judge import judge
from watcher.readers.reader import Payload
from watcher.readers.registry import READERS
from watcher.services.archive import pages
from watcher.services.check import check

LIMIT_SECONDS = 10.0
SEED = 20261122
_LONGEST_WORD = 20_000  # a system hands a program six times as many at most
DOCUMENT = Path(__file__).resolve().parents[2] / "docs" / "security.md"
_PART = re.compile(r"(<!-- bad inputs: begin -->\n).*?(<!-- bad inputs: end -->)", re.DOTALL)
_SLOW = frozenset({"pdf_text"})
"""Readers that start a process for every page get fewer."""

Try = Callable[[int], str]
"""From the number of an input to what came of it in a word."""


def reading(name: str) -> Try:
    """Damaged pages, judged and read."""
    seeds: list[Seed] = corpus(name)
    bodies = [seed.body for seed in seeds]
    reader = READERS[name]

    def once(number: int) -> str:
        random = _random(name, number)
        seed = random.choice(seeds)
        body = mutate(seed.body, bodies, random)
        headers = {"content-type": seed.media_type}
        judge(Answer(url=seed.url, status=200, headers=headers, body=body), seed.url, reader)
        try:
            found = reader.read(Payload(body=body, media_type=seed.media_type, url=seed.url))
        except ReadError as error:
            check_refusal(error)
            return "refused"
        check_sound(found)
        return "read"

    return once


def configuring(number: int) -> str:
    """A damaged sources.yaml."""
    random = _random("configuration", number)
    body = mutate(FULL.encode(), [FULL.encode()], random)
    try:
        checked(body, Path("/nowhere/sources.yaml"), ENVIRONMENT, CONFIGURABLE)
    except ConfigError as error:
        str(error).encode()
        return "refused"
    return "read"


@contextmanager
def archiving() -> Iterator[Try]:
    """Dated files with damaged names and archives with damaged bytes."""
    with tempfile.TemporaryDirectory() as place:

        def once(number: int) -> str:
            random = _random("archive", number)
            room = Path(place) / str(number)
            (room / "scratch").mkdir(parents=True)
            suffix = random.choice((".html", ".json", ".tar.gz", ".warc", ".warc.gz", ".tar.xz"))
            name = mutate(b"2024-08-22_1506_medicines", [b"2024-02-30"], random)[:80]
            plain = re.sub(r"[/\x00\ud800-\udfff]", "_", name.decode("utf-8", "replace"))[:60]
            path = room / f"x{plain}{suffix}"
            path.write_bytes(mutate(b"<html>EMA product number</html>", [b"x"], random))
            try:
                pages([path], "https://www.ema.europa.eu/a", room / "scratch")
            except OperationalError as error:
                str(error).encode("utf-8", "surrogateescape")
                return "refused"
            return "read"

        yield once


@contextmanager
def watching() -> Iterator[Try]:
    """Damaged bulk files through the whole line, after a good look: no event from doubt."""
    reader = READERS["ema_medicines"]
    good = bulk(*(row(number) for number in range(1, 9))).encode()
    news = bulk(*(row(number) for number in range(1, 8)), withdrawn(8)).encode()
    with tempfile.TemporaryDirectory() as place:
        clock, fetcher = StandingClock(), ScriptedFetcher()
        tools = a_toolbox(Path(place), fetcher, clock)
        source = a_source(reader, id="line", urls=("https://ema.example/m.json",))

        def look(body: bytes) -> tuple[str, list[str]]:
            fetcher.says(body, url=source.urls[0])
            clock.forward(3600)
            outcome = check(source, source.urls[0], tools)
            types = [told.event.type for told in outcome.events]
            news = [name for name in types if not taxonomy.TYPES[name].is_operational]
            return str(outcome.capture.verdict), news

        def once(number: int) -> str:
            random = _random("line", number)
            if number % 10 == 0:
                look(good)
            verdict, events = look(mutate(random.choice((good, news)), [good, news], random))
            assert verdict in {"ok", "unchanged"} or not events, f"{verdict} made {events}"
            return "read" if verdict in {"ok", "unchanged"} else "refused"

        try:
            yield once
        finally:
            tools.store.close()


@contextmanager
def commanding() -> Iterator[Try]:
    """Command lines of words, some damaged, over a watcher that has looked in vain once."""
    with tempfile.TemporaryDirectory() as place:
        source = {"id": "ema", "reader": "ema_medicines", "url": "http://127.0.0.1:9/m.json"}
        path = settings(Path(place), [source], channels={"files": "folder:messages"})
        told = ["--config", str(path)]
        CliRunner().invoke(app, ["once", *told])

        def once(number: int) -> str:
            random = _random("commands", number)
            words = [
                random.choice(_WORDS)
                if random.random() < 0.8
                else mutate(random.choice(_WORDS).encode(), [b"--x"], random).decode(
                    "utf-8", "replace"
                )[:_LONGEST_WORD]
                for _ in range(random.randrange(4))
            ]
            done = CliRunner().invoke(app, [random.choice(_COMMANDS), *words, *told])
            if done.exception is not None and not isinstance(done.exception, SystemExit):
                raise done.exception
            assert done.exit_code in {0, 1, 2, 3}, done.exit_code
            return {0: "done", 2: "unusable"}.get(done.exit_code, "refused")

        yield once


_COMMANDS = (
    *("once", "check", "events", "captures", "sources", "history", "show", "alerts", "replay"),
    *("verify", "config", "read", "import", "held", "release", "dismiss", "test-channel"),
)
_WORDS = (
    *("--json", "--since", "--as-of", "--type", "--limit", "--reader", "--help", "-c", "--"),
    *("2024-12-01", "now", "ema", "1", "-1", "999999999999999999999", "../..", "", "*", "\u202e"),
    *("authorisation.*", "sha256:00", "/etc/passwd", "%00", "'; DROP TABLE events; --", "[bold]"),
)


def _random(what: str, number: int) -> Random:
    return Random(f"{SEED}/{what}/{number}")  # noqa: S311 — the same inputs every time


@contextmanager
def _still(once: Try) -> Iterator[Try]:
    yield once


def attempts(count: int) -> Iterator[tuple[str, Callable[[], object], int]]:
    """What is tried, how to begin, and how many of `count` inputs it gets."""
    share = {"configuration": 0.12, "archives": 0.06, "line": 0.10, "commands": 0.06}
    yield "configuration", lambda: _still(configuring), round(count * share["configuration"])
    yield "archives", archiving, round(count * share["archives"])
    yield "line", watching, round(count * share["line"])
    yield "commands", commanding, round(count * share["commands"])
    slow = max(1, round(count * 0.004))
    rest = count - sum(round(count * each) for each in share.values()) - slow * len(_SLOW)
    names = [name for name in READERS if name not in _SLOW]
    for position, name in enumerate(names):
        each = rest // len(names) + (position < rest % len(names))
        yield name, lambda name=name: _still(reading(name)), each  # type: ignore[misc]
    for name in sorted(_SLOW):
        yield name, lambda name=name: _still(reading(name)), slow  # type: ignore[misc]


def play(count: int) -> Iterator[tuple[str, Counter[str], list[str], float]]:
    """Each thing tried: its counts by outcome, what broke, and the slowest seconds."""
    for what, begin, number_of in attempts(count):
        counts: Counter[str] = Counter()
        broken: list[str] = []
        slowest = 0.0
        with begin() as once:  # type: ignore[attr-defined]
            for number in range(number_of):
                began = time.monotonic()
                try:
                    counts[once(number)] += 1
                except Exception as error:  # noqa: BLE001 — every other one is what we look for
                    counts["BROKEN"] += 1
                    broken.append(f"{what} {number}: {type(error).__name__}: {error}"[:300])
                spent = time.monotonic() - began
                slowest = max(slowest, spent)
                if spent > LIMIT_SECONDS:
                    broken.append(f"{what} {number}: {spent:.1f} s")
        yield what, counts, broken, slowest


def main(words: list[str]) -> int:
    count = int(next((word for word in words if word.isdigit()), "10000"))
    lines = ["| through | inputs | outcomes | slowest |", "|---|--:|---|--:|"]
    total: Counter[str] = Counter()
    broken: list[str] = []
    for what, counts, bad, slowest in play(count):
        total += counts
        broken += bad
        told = ", ".join(f"{number} {word}" for word, number in sorted(counts.items()))
        lines.append(f"| {what} | {counts.total()} | {told} | {slowest:.2f} s |")
        sys.stdout.write(f"{what:24} {counts.total():6} {slowest:6.2f} s  {told}\n")
        sys.stdout.flush()
    whole = ", ".join(f"{number} {word}" for word, number in sorted(total.items()))
    lines.append(f"| **all** | **{total.total()}** | **{whole}** | |")
    sys.stdout.write("".join(f"BROKEN {each}\n" for each in broken) + f"all {whole}\n")
    if "--write" in words:
        text = DOCUMENT.read_text(encoding="utf-8")
        table = "\n".join(lines) + "\n"
        DOCUMENT.write_text(_PART.sub(lambda part: part[1] + table + part[2], text), "utf-8")
    return 1 if broken else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
