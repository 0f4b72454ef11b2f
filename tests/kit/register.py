"""Pages of the Union Register for tests: the real structure around data of our own."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence

Row = Mapping[str, object]


def page(script: str, updated: str = "12/11/2025") -> bytes:
    return (
        '<!DOCTYPE html>\n<html lang="en"><head>'
        "<title>Union Register of medicinal products - Public health</title>\n"
        f'<script type="text/javascript">\n{script}\n</script></head>\n'
        "<body><h1>Union Register of medicinal products for human use</h1>"
        f'<div class="ur-block-footnote">Last updated on {updated}.</div></body>\n</html>\n'
        f"<!-- Regeneration time: {updated} 12:19:03 -->"
    ).encode()


def dataset(name: str, rows: Sequence[Row]) -> str:
    lines = ",\n".join(json.dumps(row, ensure_ascii=False) for row in rows)
    return f"\t\tvar {name} = [\n{lines}];"


def listed(number: str, name: str, *, pre: str = "h", **more: object) -> Row:
    own = {"display": number, "pre": pre, "id": number.rpartition("/")[2]}
    stated = {"inn": "inn", "indication": "For tests.", "company": "Holder &amp; Co. KG"}
    return {"eu_num": own, "name": name, **stated, **more}


def a_list(rows: Sequence[Row], updated: str = "12/11/2025") -> bytes:
    return page('var plType = "h";\n' + dataset("dataSet", rows), updated)


def line(kind: str, value: object, meta: object = None) -> Row:
    return {"type": kind, "title": kind, "value": value, "meta": {} if meta is None else meta}


def name_line(name: str, status: str = "ACTIVE", pre: str = "h", number: str = "1261") -> Row:
    meta = {"pre": pre, "id": number, "status_name": status, "status_type": "g"}
    return line("name", name, meta)


def procedure(
    key: str, kind: str = "Centralised - Variation", ema: str | None = None, **more: object
) -> Row:
    nothing = {"number": None, "date": None}
    empty = {"decision": nothing, "oj": {**nothing, "page": None, "series": "C"}}
    rest = {"files_dec": None, "files_anx": None, "updated_by": nothing, "remark": None}
    return {"id": key, "closed": None, "type": kind, "ema_number": ema, **empty, **rest, **more}


def authorisation(ema: str, date: str) -> Row:
    decision = {"number": "(2018)1", "date": date}
    return procedure("1", "Centralised - Authorisation", ema, closed=date, decision=decision)


def a_product(
    lines: Sequence[Row], procedures: Sequence[Row] = (), updated: str = "12/11/2025"
) -> bytes:
    script = (
        dataset("dataSet_product_information", lines),
        dataset("dataSet_proc", procedures),
        dataset("dataSet_version", []),
    )
    return page("\n".join(script), updated)
