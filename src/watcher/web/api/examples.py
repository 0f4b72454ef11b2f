"""An example of every answer, for the OpenAPI document; the medicines are made up.

They are kept by hand, and `make reference` takes them as they are. An event in them names the rules
it was made by, as one in a log does: newer rules leave it as it is.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from importlib.resources import files
from typing import Any


def examples() -> Mapping[str, Any]:
    """Return what each operation answers, by its `operationId`; `…Body`: what is sent to it."""
    text = files("watcher.web.api").joinpath("examples.json").read_text(encoding="utf-8")
    found: Mapping[str, Any] = json.loads(text)
    return found
