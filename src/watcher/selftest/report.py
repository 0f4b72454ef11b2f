"""The self-test's report as one page that can be printed and filed."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from html import escape
from platform import platform, python_version

from watcher import __version__
from watcher.selftest.play import Step

_STYLE = (
    "body{font:10pt/1.4 system-ui,sans-serif;margin:2em;color:#111}table{border-collapse:collapse;"
    "width:100%}th,td{text-align:left;vertical-align:top;padding:.25em .6em;border-bottom:1px "
    "solid #ccc}.broken{font-weight:bold;color:#a00}@media print{body{margin:0}tr{break-inside:"
    "avoid}thead{display:table-header-group}}"
)


def report(steps: Iterable[Step], at: datetime) -> str:
    """Return the steps as an HTML page without scripts, pictures or anything from elsewhere.

    Args:
        steps: What was met and what became of it.
        at: When the test ran.
    """
    rows = [_row(number, step) for number, step in enumerate(steps, start=1)]
    broken = sum("BROKEN" in row for row in rows)
    verdict = f"{broken} promises broken" if broken else "every promise kept"
    return f"""<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8"><title>watcher: self-test</title>
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<style>{_STYLE}</style></head><body>
<h1>Self-test: {verdict}</h1>
<p>watcher {escape(__version__)} on Python {escape(python_version())}, {escape(platform())};
{at:%Y-%m-%d %H:%M} UTC. {len(rows)} steps, on the loopback alone, in a folder that is gone.</p>
<table><thead><tr><th>#<th>what went wrong<th>what happened<th>promise<th>kept<th>seconds</thead>
<tbody>
{"".join(rows)}</tbody></table></body></html>
"""


def _row(number: int, step: Step) -> str:
    kept = "kept" if step.is_kept else '<span class="broken">BROKEN</span>'
    texts = (str(number), *map(escape, (step.name, step.happened, step.promise)))
    cells = (*texts, kept, f"{step.milliseconds / 1000:.1f}")
    return f"<tr>{''.join(f'<td>{cell}' for cell in cells)}\n"
