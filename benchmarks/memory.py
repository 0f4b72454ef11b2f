"""Peak memory of a pass, however many pages there are: `watcher once` over sites of several sizes.

The kernel's own high-water mark (`VmHWM`) of the process: over all pages for the first time, where
each is read whole, and again with nothing changed. A pass that kept anything of each page would grow
with them. The site has its pages in a process of its own: 20,000 of them take 3 GB there.
"""

from __future__ import annotations

import argparse
import tempfile
from pathlib import Path

from meter import HERE, PYTHON, Taken, keep, run, settings, site_and_sink


def passes(pages: int, port: int, seconds: float) -> dict[str, Taken]:
    """Return what the first pass and one more took.

    Raises:
        RuntimeError: One failed, or took longer than that.
    """
    with tempfile.TemporaryDirectory(prefix="watcher-memory-") as name:
        folder = Path(name)
        with site_and_sink(folder, pages, port) as site:
            urls = site.urls()
            (folder / "addresses.txt").write_text("\n".join(urls))
            text = settings(urls[:1], {"sink": f"folder:{folder}/sent"})
            (folder / "sources.yaml").write_text(text)
            return {
                what: run([PYTHON, str(HERE / "memory_once.py")], folder, seconds=seconds)
                for what in ("first", "unchanged")
            }


def main() -> None:
    wanted = argparse.ArgumentParser(description=__doc__)
    wanted.add_argument("--n", type=int, nargs="*", default=[2_000, 20_000], help="pages")
    wanted.add_argument("--seconds", type=float, default=3_600, help="the longest pass")
    wanted.add_argument("--port", type=int, default=18_380)
    wanted.add_argument("--json", type=Path)
    chosen = wanted.parse_args()
    print(f"{'pages':>7} {'pass':10} {'peak MB':>8} {'CPU ms a page':>14}")
    found = []
    for pages in chosen.n:
        for what, taken in passes(pages, chosen.port, chosen.seconds).items():
            each = taken.cpu / pages * 1000
            found.append({"pages": pages, "pass": what, "megabytes": taken.megabytes,
                          "cpu_ms": each})  # fmt: skip
            print(f"{pages:7} {what:10} {taken.megabytes:8.1f} {each:14.2f}", flush=True)
    keep(chosen.json, found)


if __name__ == "__main__":
    main()
