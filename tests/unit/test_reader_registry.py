"""The readers by name."""

from __future__ import annotations

import pytest

from watcher.readers import registry


def test_every_name_has_a_reader_of_that_name():
    assert len(registry.READERS) == len(list(registry.READERS))
    assert [reader.name for reader in registry.READERS.values()] == list(registry.READERS)


def test_a_line_that_leads_to_a_module_without_that_reader_is_told(monkeypatch):
    monkeypatch.setitem(registry._MODULES, "misspelt", "watcher.readers.generic")

    with pytest.raises(
        LookupError, match=r"watcher\.readers\.generic has no reader named misspelt"
    ):
        registry.READERS["misspelt"]
