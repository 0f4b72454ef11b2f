"""What a changed page costs in the store: differences against whole frames, plain files and WARC.

2,000 pages of 120 kB (text that packs about 3:1, as real medicine pages do or better). In one pass
every page changes by a 40-byte nonce, in another one page in a hundred has a row more. Then one
page is followed over 17 versions and read at each depth. `python benchmarks/snapshots.py --json`
prints JSON; `--pages` takes fewer.
"""

from __future__ import annotations

import argparse
import io
import json
import random
import statistics
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from warcio.warcwriter import WARCWriter

from watcher.store import deltas
from watcher.store.snapshots import FolderSnapshots

SIZE = 120_000
READS = 25
DEPTHS = (0, 8, 16)


def a_page(seed: int) -> bytes:
    """Return a page of made-up words in rows, as a list of documents has them."""
    chance = random.Random(seed)
    words = [
        "".join(chance.choices("abcdefghijklmnopqrstuvwxyz", k=chance.randint(3, 9)))
        for _ in range(2_500)
    ]
    rows: list[str] = ['<html><meta name="nonce" content="' + "0" * 40 + '">\n']
    length = 0
    while length < SIZE:
        row = f'<p class="field"><b>{" ".join(chance.choices(words, k=12))}</b></p>\n'
        rows.append(row)
        length += len(row)
    return "".join(rows).encode()


def with_nonce(page: bytes, nonce: int) -> bytes:
    return page[:34] + f"{nonce:x}".rjust(40, "f").encode() + page[74:]


def with_a_row(page: bytes, number: int) -> bytes:
    at = page.index(b"\n", len(page) // 2) + 1
    return page[:at] + f'<p class="field"><b>a row more, {number}</b></p>\n'.encode() + page[at:]


def stored(snapshots: FolderSnapshots, digests: Sequence[str]) -> float:
    """Return the bytes that these payloads take, on average."""
    wanted = set(digests)
    return statistics.fmean(each.stored for each in snapshots.kept() if each.digest in wanted)


def warc(pages: Sequence[bytes]) -> float:
    """Return the bytes a record takes on average in a WARC.gz of these pages."""
    out = io.BytesIO()
    writer = WARCWriter(out, gzip=True)
    for number, page in enumerate(pages):
        address = f"https://ema.example/{number}"
        writer.write_record(
            writer.create_warc_record(address, "resource", payload=io.BytesIO(page))
        )
    return len(out.getvalue()) / len(pages)


def one_pass(
    snapshots: FolderSnapshots, pages: Sequence[bytes], before: Sequence[str]
) -> tuple[dict[str, float], list[str]]:
    """Store these pages after those before them; return what each costs."""
    began = time.perf_counter()
    digests = [snapshots.put(page, after) for page, after in zip(pages, before, strict=True)]
    taken = time.perf_counter() - began
    ours = stored(snapshots, digests)
    whole = statistics.fmean(len(b"".join(deltas.whole(page))) for page in pages)
    return {
        "changed": len(pages),
        "bytes": ours,
        "whole_zstd_3": whole,
        "plain": statistics.fmean(map(len, pages)),
        "warc_gz": warc(pages),
        "times_smaller": whole / ours,
        "milliseconds_a_put": taken / len(pages) * 1000,
    }, digests


def reading(folder: Path) -> dict[str, float]:
    """Return the median milliseconds of reading a payload at a depth."""
    snapshots, page, digests = FolderSnapshots(folder), a_page(-1), [""]
    for number in range(17):
        digests.append(snapshots.put(with_nonce(page, number), digests[-1]))
    found = {}
    for depth in DEPTHS:
        taken = []
        for _ in range(READS):
            began = time.perf_counter()
            snapshots.get(digests[depth + 1])
            taken.append(time.perf_counter() - began)
        found[f"depth_{depth}"] = statistics.median(taken) * 1000
    return found


def main() -> None:
    wanted = argparse.ArgumentParser(description=__doc__)
    wanted.add_argument("--json", action="store_true")
    wanted.add_argument("--pages", type=int, default=2_000)
    asked = wanted.parse_args()
    with tempfile.TemporaryDirectory() as name:
        snapshots = FolderSnapshots(Path(name) / "pages")
        pages = [a_page(number) for number in range(asked.pages)]
        first, digests = one_pass(snapshots, pages, [""] * len(pages))
        nonces = [with_nonce(page, number) for number, page in enumerate(pages, start=1)]
        noise, digests = one_pass(snapshots, nonces, digests)
        some = range(0, len(pages), 100)
        edits, _ = one_pass(
            snapshots,
            [with_a_row(nonces[number], number) for number in some],
            [digests[number] for number in some],
        )
        told = {
            "first": first,
            "nonce": noise,
            "edit": edits,
            "read_p50_ms": reading(Path(name) / "one"),
        }
    if asked.json:
        print(json.dumps(told, indent=1))
        return
    for what, figures in told.items():
        print(what, "  ".join(f"{key} {value:,.2f}" for key, value in figures.items()))


if __name__ == "__main__":
    main()
