"""What a person is told of a configuration that cannot be used: file, line, key and what to do."""

from __future__ import annotations

from pathlib import Path

import pytest

from watcher.config.load import load
from watcher.errors import ConfigError

FOLDER = Path(__file__).parent / "config"
READERS = {"ema_medicines", "ema_medicine_page", "generic", "medpath_approval"}
ENVIRONMENT = {"SECRET": "the-secret-itself", "WRONG": "the-secret-itself", "EMPTY": ""}


@pytest.mark.parametrize("name", sorted(path.stem for path in FOLDER.glob("*.yaml")))
def test_every_problem_is_told_at_once_and_as_it_was(name, accepts, monkeypatch):
    monkeypatch.chdir(FOLDER)

    with pytest.raises(ConfigError) as caught:
        load(Path(f"{name}.yaml"), ENVIRONMENT, READERS)

    told = f"{caught.value}\n"
    assert "the-secret-itself" not in told
    golden = FOLDER / f"{name}.txt"
    if accepts:
        golden.write_text(told, encoding="utf-8")
    assert told == golden.read_text(encoding="utf-8")
