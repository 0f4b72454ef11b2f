"""`watcher once` over the addresses of a file: of more pages than a `sources.yaml` can name.

So many are the pages that another source names, in an installation; a list of them of its own would
be in the memory that is measured here. All else is the command as it is.
"""

from __future__ import annotations

import sys
from pathlib import Path

from watcher.bootstrap import Watcher
from watcher.cli.start import main
from watcher.services.source import Source


def _addresses(_watcher: Watcher, _source: Source) -> tuple[str, ...]:
    return tuple(Path("addresses.txt").read_text(encoding="utf-8").split())


Watcher.addresses = _addresses  # type: ignore[method-assign]
sys.argv = ["watcher", "once"]
main()
