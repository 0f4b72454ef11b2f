"""Write the documents that are made from the program: `make reference`."""

from __future__ import annotations

import json
from pathlib import Path

from kit import event_samples, fact_reference, sizes
from kit.command_reference import reference
from watcher.web.api.document import document
from watcher.web.families import table

DOCS = Path(__file__).resolve().parents[2] / "docs"
BEGIN, END = "<!-- made: begin -->", "<!-- made: end -->"
METHODS = ("get", "post")


def openapi() -> str:
    """Return the OpenAPI document as it is kept."""
    return json.dumps(document(), indent=1, ensure_ascii=False, sort_keys=True) + "\n"


def operations() -> str:
    """Return the table of operations for `docs/api.md`."""
    rows = ["| operation | does |", "|---|---|"]
    for path, item in document()["paths"].items():
        for method in METHODS:
            if method in item:
                first = item[method]["description"].split("\n\n")[0].replace("\n", " ")
                rows.append(f"| `{method.upper()} {path}` | {first} |")
    return "\n".join(rows) + "\n"


def between(text: str, made: str) -> str:
    """Return `text` with what stands between the marks replaced."""
    before, _, rest = text.partition(BEGIN)
    _, _, after = rest.partition(END)
    return f"{before}{BEGIN}\n{made}{END}{after}"


PARTS = {"api.md": operations, "metrics.md": table, "quality.md": sizes.tables}

if __name__ == "__main__":
    (DOCS / "api" / "openapi.json").write_text(openapi(), encoding="utf-8")
    for name, made in PARTS.items():
        page = DOCS / name
        page.write_text(between(page.read_text("utf-8"), made()), encoding="utf-8")
    (DOCS / "reference" / "commands.md").write_text(reference(), encoding="utf-8")
    (DOCS / "reference" / "payloads.md").write_text(event_samples.page(), encoding="utf-8")
    (DOCS / "reference" / "facts.md").write_text(fact_reference.page(), encoding="utf-8")
