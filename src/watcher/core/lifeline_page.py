"""A life line as a page of its own: picture, conflicts, and every date with who says so.

Self-contained: no script, no remote content; light and dark, at a desk, on a telephone, on paper.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from html import escape

from watcher.core import wording
from watcher.core.edtf import Edtf
from watcher.core.lifeline import LifeLine
from watcher.core.lifeline_steps import Claim, When
from watcher.core.lifeline_svg import NARROW, STYLE, WIDE, svg
from watcher.core.lifeline_words import place, when_in_words

_STYLE = """
:root{color-scheme:light dark;--paper:#ffffff;--ink:#1b1d20;--soft:#5a626b;--rule:#dcdfe3;
--tint:#f4f3f0;--high:#8f4700}
@media (prefers-color-scheme:dark){:root{--paper:#15171a;--ink:#eceae6;--soft:#a7adb4;
--rule:#363b42;--tint:#20242a;--high:#ffb871}}
*{box-sizing:border-box}
body{margin:0 auto;max-width:1128px;padding:28px 24px 40px;background:var(--paper);color:var(--ink);
font:15px/1.5 -apple-system,BlinkMacSystemFont,'Segoe UI',Roboto,'Helvetica Neue',Arial,
'Liberation Sans',sans-serif;font-variant-numeric:tabular-nums;overflow-wrap:break-word}
h1{font-size:26px;line-height:1.2;margin:0}h1 span{font-weight:400;color:var(--soft)}
h2{font-size:16px;margin:30px 0 6px}p{margin:6px 0}
.soft,small{color:var(--soft)}
.number{font-family:ui-monospace,SFMono-Regular,Menlo,Consolas,'Liberation Mono',monospace}
figure{margin:20px 0 0;padding:8px 0 0;border-top:1px solid var(--rule);border-bottom:1px solid
var(--rule)}figure svg{display:block;max-width:100%}.narrow{display:none}
ul.key{list-style:none;display:flex;flex-wrap:wrap;gap:2px 22px;margin:12px 0 0;padding:0;
font-size:13px;color:var(--soft)}
.conflict{border-left:3px solid var(--high);background:var(--tint);padding:8px 12px;margin:14px 0 0}
.conflict strong{color:var(--high);letter-spacing:.04em}
table{border-collapse:collapse;width:100%;font-size:14px}
th{font-weight:400;color:var(--soft);text-align:left;border-bottom:1px solid var(--rule)}
th,td{padding:4px 14px 4px 0;vertical-align:top}td{border-bottom:1px solid var(--rule)}
td:first-child{white-space:nowrap;width:11em}
footer{margin-top:28px;font-size:13px;color:var(--soft)}
@media (max-width:760px){body{padding:20px 22px 32px}.wide{display:none}.narrow{display:block}
h1{font-size:22px}table,tbody,tr,td{display:block}th{display:none}
td,td:first-child{border:0;padding:0;width:auto}td:first-child,td:last-child{color:var(--soft);
font-size:13px}tr{border-bottom:1px solid var(--rule);padding:6px 0}}
@media print{:root{color-scheme:light;--paper:#ffffff;--ink:#000000;--soft:#444444;--rule:#cccccc;
--tint:#ffffff}body{padding:0;max-width:none;font-size:10pt}.wide{display:block}
.narrow{display:none}tr,figure{break-inside:avoid}@page{size:A4 landscape;margin:14mm}}
"""

KEY = (
    "─ application and opinion",
    "█ authorised",
    "▬ suspended",
    "▲ ended",
    "▽ on the market",
    "◇ holder",
    "□ referral",
    "ı document",
    "▨ the day is not stated",
    "≠ sources disagree",
)
"""What the signs of the picture mean."""


def page(line: LifeLine) -> str:
    """Return the life line as a whole HTML page."""
    substance = f" <span>({escape(line.substance)})</span>" if line.substance else ""
    holder = f" · EU holder {escape(line.holder)}" if line.holder else ""
    known = f"as known on {Edtf.parse(line.until).in_words()}"
    key = "".join(f"<li>{escape(sign)}</li>" for sign in KEY)
    return (
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        '<meta name="color-scheme" content="light dark">\n'
        f"<title>{escape(line.name)}: life line</title>\n<style>{_STYLE}{STYLE}</style>\n"
        f"</head>\n<body>\n<header><h1>{escape(line.name)}{substance}</h1>\n"
        f'<p class="soft"><span class="number">{escape(line.number)}</span>{holder} · '
        f"{escape(known)}</p></header>\n<main>\n"
        f'<figure><div class="wide">{svg(line, width=WIDE, is_alone=False)}</div>'
        f'<div class="narrow">{svg(line, width=NARROW, is_alone=False)}</div></figure>\n'
        f'<ul class="key" aria-label="Signs">{key}</ul>\n{_conflicts(line)}'
        f"{''.join(_tables(line))}</main>\n<footer><p>Said by {escape(', '.join(line.sources))}. "
        f"{escape(wording.FOOT_GENERAL)}</p></footer>\n</body>\n</html>\n"
    )


def _conflicts(line: LifeLine) -> str:
    return "".join(
        f'<p class="conflict"><strong>CONFLICT</strong> {escape(place(lane.jurisdiction))}, '
        f"{escape(conflict.about)}: {escape(' ≠ '.join(conflict.words))}</p>\n"
        for lane in line.lanes
        for conflict in lane.conflicts
    )


def _tables(line: LifeLine) -> Iterator[str]:
    steps = [
        (
            step.when,
            f"{place(lane.jurisdiction)}: {step.status.in_words}",
            ", ".join(map(_claim, step.claims)),
        )
        for lane in line.lanes
        for step in lane.steps
    ]
    along, documents = (
        [
            (
                point.when,
                f"{place(lane.jurisdiction)}: {point.label}"[first:],
                ", ".join(point.sources),
            )
            for lane in line.lanes
            for point in lane.points
            if (point.kind == "document") is is_document
            for first in [len(place(lane.jurisdiction)) + 2 if is_document else 0]
        ]
        for is_document in (False, True)
    )
    yield _table("Authorisation", steps)
    yield _table("Along the way", along)
    yield _table("Documents", documents)


def _claim(claim: Claim) -> str:
    return f"{claim.source} ({when_in_words(claim.when)}; tier {claim.tier})"


def _table(title: str, rows: Iterable[tuple[When, str, str]]) -> str:
    ordered = sorted(rows, key=lambda row: (row[0].first, row[1]))
    if not ordered:
        return ""
    body = "".join(
        f"<tr><td>{escape(_date(when))}</td><td>{escape(what)}</td><td>{escape(who)}</td></tr>\n"
        for when, what, who in ordered
    )
    head = "<tr><th>Date</th><th>What</th><th>Said by</th></tr>"
    return f"<h2>{escape(title)}</h2>\n<table>{head}\n{body}</table>\n"


def _date(when: When) -> str:
    by = "by " if when.is_latest else ""
    return f"{by}{Edtf.parse(when.edtf).in_words()}"
