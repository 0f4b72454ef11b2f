"""The fuzz harness keeps what a reader does not bear, and outlives it."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

TESTS = Path(__file__).parents[1]
FRAIL = """
import json, mmap, os, sys, zlib
from pathlib import Path
from watcher.core.facts import Fact, Reading, Record, Subject
from watcher.errors import ReadError
from watcher.readers.reader import Reader
from fuzz import fuzz_readers
from fuzz.corpus import Seed

def read(payload):
    match zlib.crc32(payload.body) % 7:
        case 0:
            while True: pass
        case 1: os.abort()
        case 2: len(payload.body) + "x"
        case 3: bytearray(3_000_000_000)
        case 4: value = 0.5
        case 5: raise ReadError(reader="frail@1", expected="less", found="more")
        case _: value = "well"
    fact = Fact("product.inn", value)
    return Reading(reader="frail@1", records=(Record(Subject("medicine", "1"), (fact,)),))

fuzz_readers.LIMIT_SECONDS = 0.2
frail = Reader(name="frail", version=1, about="Breaks in every way there is.", read=read)
seeds = (Seed(b"a page of some words", "text/html", "https://a.example"),)
campaign = fuzz_readers.Campaign(frail, seeds, 1, Path(sys.argv[1]), mmap.mmap(-1, 32))
for _ in range(20):
    told = fuzz_readers.run(campaign, 1)
    if told["findings"] == 5 and told["readings"] and told["refusals"]:
        break
print(json.dumps(told))
"""


@pytest.mark.skipif(sys.platform != "linux", reason="limits and signals of Linux")
def test_hangs_crashes_wrong_errors_and_wrong_readings_are_all_kept(tmp_path: Path):
    done = subprocess.run(
        [sys.executable, "-c", FRAIL, str(tmp_path)],
        env={"PYTHONPATH": str(TESTS)},
        capture_output=True,
        check=True,
    )

    told = json.loads(done.stdout)
    kept = {path.name.partition("-")[0] for path in tmp_path.glob("*.bin")}
    assert kept == {"hang", "SIGABRT", "TypeError", "MemoryError"}
    assert told["findings"] == 5, "a wrong value is a TypeError of its own"
    assert told["readings"] > 0
    assert told["refusals"] > 0
    assert all(path.with_suffix(".json").is_file() for path in tmp_path.glob("*.bin"))
