"""Throw damaged pages at a reader, or at the judge before it, and keep what it does not bear.

    python tests/fuzz/fuzz_readers.py --reader ema_feed --seconds 600 --seed 1
    python tests/fuzz/fuzz_readers.py --reader ema_feed --replay FINDING.bin

A reader may answer with a reading the store can keep or with a `ReadError`, within five seconds of
the processor's time and 1.5 gigabytes. Anything else is a finding: its input (the smallest met),
what came with it and the traceback are kept in the folder `--findings`. Input number `i` of a seed
is always the same. The reading is done in a process of its own, which a watchdog in C ends and
another one follows, so a hang or a crash in a library is a finding too, and the work goes on.
"""

from __future__ import annotations

import argparse
import contextlib
import faulthandler
import gc
import hashlib
import json
import mmap
import os
import re
import resource
import signal
import struct
import sys
import tempfile
import time
import traceback
from dataclasses import dataclass
from pathlib import Path
from random import Random

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from fuzz.corpus import Seed, corpus
from fuzz.mutations import mutate
from fuzz.soundness import check_refusal, check_sound
from watcher.core.facts import Reading
from watcher.errors import ReadError
from watcher.ports import Answer
from watcher.readers.judge import judge as judge_answer
from watcher.readers.reader import Payload, Reader
from watcher.readers.registry import READERS

LIMIT_SECONDS = 5.0
LIMIT_MEMORY = 1_500_000_000
MEDIA_TYPES = ("", "text/html", "text/html; charset=utf-16", "application/json; charset=x-none")
_TALLY = struct.Struct("<4Q")


@dataclass(frozen=True, slots=True)
class Campaign:
    """One run over one reader: what is read, from what, until when, and where findings go."""

    reader: Reader
    seeds: tuple[Seed, ...]
    seed: int
    findings: Path
    tally: mmap.mmap

    def payload(self, number: int) -> Payload:
        """Return input `number`, now and then said to be of another media type."""
        random = Random(f"{self.reader.name}/{self.seed}/{number}")  # noqa: S311 — not a secret
        weights = [1 / (1 + len(seed.body) / 30_000) for seed in self.seeds]
        [chosen] = random.choices(self.seeds, weights)
        body = mutate(chosen.body, [seed.body for seed in self.seeds], random)
        media_type = chosen.media_type if random.random() < 0.9 else random.choice(MEDIA_TYPES)
        return Payload(body=body, media_type=media_type, url=chosen.url)

    def counts(self) -> tuple[int, int, int, int]:
        """Return inputs, readings, refusals and the slowest input's microseconds."""
        return _TALLY.unpack_from(self.tally)

    def count(self, *, is_read: bool, microseconds: int) -> None:
        """Count one input that was read or refused."""
        inputs, readings, refusals, slowest = self.counts()
        refused = refusals + (not is_read)
        slower = max(slowest, microseconds)
        _TALLY.pack_into(self.tally, 0, inputs, readings + is_read, refused, slower)

    def begin(self) -> int:
        """Return the number of the next input, which counts from now on."""
        number, *rest = self.counts()
        _TALLY.pack_into(self.tally, 0, number + 1, *rest)
        return number


def judge(reader: Reader, payload: Payload) -> bool:
    """Return whether the payload was read, not refused; anything else is an exception."""
    try:
        reading = reader.read(payload)
    except ReadError as error:
        check_refusal(error)
        return False
    check_sound(reading)
    return True


def _judged(payload: Payload) -> Reading:
    """Judge a page as the answer of a server, which happens before any reader sees it."""
    answer = Answer(
        status=200,
        url=payload.url,
        headers={"content-type": payload.media_type},
        body=payload.body,
    )
    judgement = judge_answer(answer, payload.url, READERS["ema_medicine_page"])
    return Reading(reader="judge@0", records=(), unknown=(judgement.reason, *judgement.signals))


_JUDGE = Reader(name="judge", version=0, about="The judge, as if it were a reader.", read=_judged)


def work(campaign: Campaign, until: float) -> None:
    """Read inputs until the time has come; a child of ours, which may die of any of them."""
    # the soft limit alone: a reader that starts a process of its own sets its own limits there
    _, most = resource.getrlimit(resource.RLIMIT_AS)
    resource.setrlimit(resource.RLIMIT_AS, (LIMIT_MEMORY, most))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    with (campaign.findings / "trace").open("w") as trace:
        faulthandler.enable(trace, all_threads=False)
        faulthandler.register(signal.SIGPROF, trace, all_threads=False, chain=True)
        while time.monotonic() < until:
            number = campaign.begin()
            payload = campaign.payload(number)
            (campaign.findings / "current").write_bytes(payload.body)
            _timed(campaign, payload, number)


def _timed(campaign: Campaign, payload: Payload, number: int) -> None:
    signal.setitimer(signal.ITIMER_PROF, LIMIT_SECONDS)
    started = _spent()
    try:
        is_read = judge(campaign.reader, payload)
    except Exception as error:  # noqa: BLE001 — every other exception is what we look for
        signal.setitimer(signal.ITIMER_PROF, 0)
        frames = [f"{f.filename}:{f.name}" for f in traceback.extract_tb(error.__traceback__)]
        words = "".join(traceback.format_exception(error, limit=-12))
        keep(campaign, payload, number, (type(error).__name__, *frames[-3:]), words)
        gc.collect()
    else:
        signal.setitimer(signal.ITIMER_PROF, 0)
        spent = _spent() - started
        campaign.count(is_read=is_read, microseconds=int(1e6 * spent))
        if spent > LIMIT_SECONDS:
            keep(campaign, payload, number, ("slow", "in a process of its own"), f"{spent:.1f} s")


def _spent() -> float:
    """Return the processor's seconds spent by us and by the processes we started and awaited."""
    ours, theirs = (
        resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
    )
    return ours.ru_utime + ours.ru_stime + theirs.ru_utime + theirs.ru_stime


def keep(
    campaign: Campaign, payload: Payload, number: int, key: tuple[str, ...], words: str
) -> None:
    """Keep a finding under the frames it came from, and of several inputs the smallest."""
    name = f"{key[0]}-{hashlib.sha256(repr(key).encode()).hexdigest()[:10]}"
    kept = campaign.findings / f"{name}.bin"
    if kept.exists() and kept.stat().st_size <= len(payload.body):
        return
    kept.write_bytes(payload.body)
    about = {
        "reader": campaign.reader.id,
        "seed": campaign.seed,
        "number": number,
        "media_type": payload.media_type,
        "url": payload.url,
        "words": words[-6000:],
    }
    kept.with_suffix(".json").write_text(json.dumps(about, indent=1))


def run(campaign: Campaign, seconds: float) -> dict[str, object]:
    """Let workers read until the time is over and return what came of it."""
    started = time.monotonic()
    until = started + seconds
    while time.monotonic() < until:
        child = os.fork()
        if child == 0:
            status = 1
            with contextlib.suppress(KeyboardInterrupt):
                work(campaign, until)
                status = 0
            os._exit(status)
        _, status = os.waitpid(child, 0)
        if status:
            _keep_the_last(campaign, status)
    for name in ("current", "trace"):
        (campaign.findings / name).unlink(missing_ok=True)
    inputs, readings, refusals, slowest = campaign.counts()
    return {
        "reader": campaign.reader.id,
        "seed": campaign.seed,
        "seconds": round(time.monotonic() - started),
        "inputs": inputs,
        "readings": readings,
        "refusals": refusals,
        "findings": len(list(campaign.findings.glob("*.bin"))),
        "slowest_ms": round(slowest / 1000),
    }


def _keep_the_last(campaign: Campaign, status: int) -> None:
    """Keep the input a worker died of; faulthandler wrote down where it was."""
    number = campaign.counts()[0] - 1
    words = (campaign.findings / "trace").read_text(errors="replace")
    frames = re.findall(r'File "(.*?)", line \d+ in (\S+)', words)
    ended = signal.Signals(os.WTERMSIG(status)).name if os.WIFSIGNALED(status) else "exit"
    name = "hang" if ended == "SIGPROF" else ended
    ours = [f"{file}:{function}" for file, function in frames if "watcher" in file]
    keep(campaign, campaign.payload(number), number, (name, *ours[:2]), words)


def replay(reader: Reader, finding: Path) -> None:
    """Read a kept finding again, with the traceback where it still is one."""
    about = json.loads(finding.with_suffix(".json").read_text())
    payload = Payload(body=finding.read_bytes(), media_type=about["media_type"], url=about["url"])
    started = _spent()
    outcome = "read" if judge(reader, payload) else "refused"
    print(f"{outcome} in {_spent() - started:.2f} s")  # noqa: T201 — its answer


def main() -> int:
    """Fuzz one reader as the arguments ask, print one line of JSON; 1 where there were findings."""
    parser = argparse.ArgumentParser(description="Fuzz one reader.")
    parser.add_argument("--reader", required=True, choices=[*sorted(READERS), "judge"])
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--findings", type=Path, help="folder for findings; else a new one")
    parser.add_argument("--replay", type=Path, help="read this finding once instead")
    asked = parser.parse_args()
    reader = _JUDGE if asked.reader == "judge" else READERS[asked.reader]
    if asked.replay:
        replay(reader, asked.replay)
        return 0
    folder = asked.findings or Path(tempfile.mkdtemp(prefix="watcher-fuzz-"))
    findings = folder / f"{reader.name}-{asked.seed}"
    findings.mkdir(parents=True, exist_ok=True)
    seeds = tuple(corpus(reader.name))
    campaign = Campaign(reader, seeds, asked.seed, findings, mmap.mmap(-1, _TALLY.size))
    told = run(campaign, asked.seconds) | {"seeds": len(seeds), "folder": str(findings)}
    print(json.dumps(told))  # noqa: T201 — its answer
    return 1 if told["findings"] else 0


if __name__ == "__main__":
    sys.exit(main())
