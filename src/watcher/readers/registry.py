"""Which reader reads what: one line a reader.

A reader's module is imported when the reader is first asked for, so that a plain command does not
load a spreadsheet reader.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from importlib import import_module

from watcher.readers.reader import Reader

_MODULES = {
    "ema_medicine_page": "watcher.readers.ema_medicine_page",
    "ema_medicines": "watcher.readers.ema_medicines",
    "ema_documents": "watcher.readers.ema_documents",
    "ema_post_authorisation": "watcher.readers.ema_reports",
    "ema_orphan_designations": "watcher.readers.ema_reports",
    "ema_referrals": "watcher.readers.ema_reports",
    "ema_shortages": "watcher.readers.ema_reports",
    "ema_dhpc": "watcher.readers.ema_reports",
    "ema_psusa": "watcher.readers.ema_reports",
    "ema_pip": "watcher.readers.ema_reports",
    "ema_feed": "watcher.readers.ema_feed",
    "medpath_approval": "watcher.readers.medpath_approval",
    "encyclopedia": "watcher.readers.encyclopedia",
    "research_library": "watcher.readers.research_library",
    "union_register": "watcher.readers.union_register",
    "pdf_text": "watcher.readers.pdf_text",
    "generic": "watcher.readers.generic",
}


class _Readers(Mapping[str, Reader]):
    """The readers by name, each imported when it is asked for."""

    def __getitem__(self, name: str) -> Reader:
        found = import_module(_MODULES[name])
        for known in vars(found).values():
            if isinstance(known, Reader) and known.name == name:
                return known
        message = f"{_MODULES[name]} has no reader named {name}"
        raise LookupError(message)

    def __iter__(self) -> Iterator[str]:
        return iter(_MODULES)

    def __len__(self) -> int:
        return len(_MODULES)


READERS: Mapping[str, Reader] = _Readers()
"""Every reader by the name `sources.yaml` calls it by."""


def reader(name: str) -> Reader:
    """Return the reader called `name`.

    Raises:
        KeyError: There is none of that name.
    """
    return READERS[name]
