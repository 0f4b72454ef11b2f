"""The JSON Schema of `sources.yaml`, for editors that check and complete while one types."""

from __future__ import annotations

from watcher.config.kinds import Schema
from watcher.config.shape import CONFIG


def config_schema() -> Schema:
    """Return the schema (draft 2020-12) of the configuration file.

    It is made of the very description the file is read by. What a schema cannot say, such as that
    a rule's channel exists, is checked when the file is loaded.
    """
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "sources.yaml of watcher",
        **CONFIG.schema(),
    }
