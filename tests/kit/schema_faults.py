"""What does not fit a JSON Schema, for the keywords that ours uses; an unknown one is an error."""

from __future__ import annotations

import re

TYPES = {
    "object": dict,
    "array": list,
    "string": str,
    "integer": int,
    "boolean": bool,
}


def faults(schema: dict, value: object, at: str = "") -> list[str]:
    """Return where `value` does not fit; every keyword our schema uses is known here."""
    known = {"$schema", "title", "description", "default"}
    if ways := schema.get("anyOf"):
        return [] if any(not faults(way, value) for way in ways) else [f"{at} anyOf"]
    if not isinstance(value, TYPES[schema["type"]]) or (
        schema["type"] == "integer" and isinstance(value, bool)
    ):
        return [at]
    found: list[str] = []
    for keyword, wanted in schema.items():
        if keyword not in known | {"type"}:
            found += [f"{at} {keyword}" for ok in [CHECKS[keyword](value, wanted)] if not ok]
    if isinstance(value, list):
        return found + [f for item in value for f in faults(schema["items"], item, f"{at}[]")]
    if isinstance(value, dict):
        for name, part in value.items():
            inner = schema.get("properties", {}).get(name) or schema.get("additionalProperties")
            found += faults(inner, part, f"{at}.{name}") if inner else [f"{at}.{name}"]
    return found


CHECKS = {
    "pattern": lambda value, wanted: re.search(wanted, value),
    "enum": lambda value, wanted: value in wanted,
    "minLength": lambda value, wanted: len(value) >= wanted,
    "maxLength": lambda value, wanted: len(value) <= wanted,
    "minimum": lambda value, wanted: value >= wanted,
    "maximum": lambda value, wanted: value <= wanted,
    "minItems": lambda value, wanted: len(value) >= wanted,
    "maxItems": lambda value, wanted: len(value) <= wanted,
    "uniqueItems": lambda value, _wanted: len({repr(item) for item in value}) == len(value),
    "required": lambda value, wanted: set(wanted) <= set(value),
    "propertyNames": lambda value, wanted: all(not faults(wanted, name) for name in value),
    "allOf": lambda value, wanted: all(
        sum(set(way["required"]) <= set(value) for way in pair["oneOf"]) == 1 for pair in wanted
    ),
    "properties": lambda _value, _wanted: True,
    "additionalProperties": lambda _value, _wanted: True,
    "items": lambda _value, _wanted: True,
}
