"""A message as HTML mail: one column, inline styles, no remote content, light and dark.

Mail programs know little of CSS: everything that matters is inline and in tables; the style block
only adds the dark colours and the phone's layout for the programs that read it. Colour carries
severity alone and never by itself: a word and a shape say the same.
"""

from __future__ import annotations

from collections.abc import Iterable
from html import escape
from typing import NamedTuple
from urllib.parse import urlsplit

from watcher.core import wording
from watcher.core.message import Line, Message, Section
from watcher.core.taxonomy import Severity

LARGEST_CHANGE = 44
"""A value longer than this is not set in large type."""


class _Paint(NamedTuple):
    """A severity's colours: the badge in both modes, and as ink on light and on dark paper."""

    name: str
    badge: str
    ink: str
    ink_in_the_dark: str


_PAINT = {
    wording.SEVERITY[Severity.CRITICAL]: _Paint("critical", "#b3261e", "#b3261e", "#ff9d94"),
    wording.SEVERITY[Severity.HIGH]: _Paint("high", "#8f4700", "#8f4700", "#ffb871"),
    wording.SEVERITY[Severity.NORMAL]: _Paint("normal", "#1d5fa6", "#1d5fa6", "#93c5fd"),
    wording.SEVERITY[Severity.LOW]: _Paint("low", "#59636e", "#59636e", "#b3bac2"),
    wording.OPERATOR: _Paint("operator", "#5b3fa0", "#5b3fa0", "#c9b6ff"),
    wording.DIGEST: _Paint("low", "#59636e", "#59636e", "#b3bac2"),
    wording.TRIAL: _Paint("low", "#59636e", "#59636e", "#b3bac2"),
}
"""All with a contrast of at least 4.5 to 1 against their ground (WCAG AA)."""

_SANS = (
    "-apple-system,BlinkMacSystemFont,'Segoe UI',Roboto,'Helvetica Neue',Arial,"
    "'Liberation Sans',sans-serif"
)
_MONO = "ui-monospace,SFMono-Regular,Menlo,Consolas,'Liberation Mono','DejaVu Sans Mono',monospace"
_WRAP = "overflow-wrap:anywhere;word-break:break-word"

_STYLE = """
:root{color-scheme:light dark;supported-color-schemes:light dark}
@media (prefers-color-scheme:dark){
.paper{background:#15171a!important}.ink{color:#eceae6!important}.soft{color:#a7adb4!important}
.rule{border-color:#363b42!important}.tint{background:#20242a!important}
.link{color:#9cc4ff!important}.press{border-color:#9cc4ff!important}
.mark{border-color:#eceae6!important}
DARK}
@media (max-width:480px){
.label,.value{display:block!important;width:auto!important}
.label{padding:16px 0 4px!important}.value{padding:0 0 14px!important;border-top:0!important}
.term{width:78px!important;padding-right:8px!important}
.edge{padding-left:18px!important;padding-right:18px!important}.change{font-size:23px!important}
}"""


def html_mail(message: Message, shape: str) -> str:
    """Return `message`, already cleaned, as a whole HTML page.

    Args:
        message: What to tell; every text of it is escaped here.
        shape: The sign that goes with its badge.
    """
    dark = "".join(f".{one.name}{{color:{one.ink_in_the_dark}!important}}" for one in _paints())
    return (
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        '<meta name="color-scheme" content="light dark">\n'
        '<meta name="supported-color-schemes" content="light dark">\n'
        f"<title>{escape(message.subject)}</title>\n"
        f"<style>{_STYLE.replace('DARK', dark)}</style>\n</head>\n"
        '<body class="paper" style="margin:0;padding:0;background:#ffffff">\n'
        f'<div style="display:none;max-height:0;overflow:hidden">{escape(message.headline)}</div>\n'
        '<table role="presentation" class="paper" width="100%" cellpadding="0" cellspacing="0" '
        'border="0" style="background:#ffffff">\n<tr><td align="center">\n'
        '<table role="presentation" width="100%" cellpadding="0" cellspacing="0" border="0" '
        f'style="max-width:600px;width:100%;text-align:left;font-family:{_SANS};{_WRAP}">\n'
        f'<tr><td class="edge" style="padding:28px 24px 20px">\n{_top(message, shape)}</td></tr>\n'
        '<tr><td class="edge" style="padding:0 24px">\n'
        '<table role="presentation" width="100%" cellpadding="0" cellspacing="0" border="0">\n'
        f"{''.join(map(_section, message.sections))}</table>\n</td></tr>\n"
        f'<tr><td class="edge" style="padding:0 24px 32px">\n{_footer(message)}</td></tr>\n'
        "</table>\n</td></tr>\n</table>\n</body>\n</html>\n"
    )


def _paints() -> Iterable[_Paint]:
    return {paint.name: paint for paint in _PAINT.values()}.values()


def _top(message: Message, shape: str) -> str:
    """Return what is seen first: badge, doubts, name, from → to and the sentence that tells it."""
    paint = _PAINT.get(message.badge.partition(" · ")[0], _PAINT[wording.DIGEST])
    pill = "display:inline-block;padding:3px 9px;border-radius:3px;font-size:12px;font-weight:700;"
    badge = (
        f'<span style="{pill}letter-spacing:.06em;background:{paint.badge};color:#ffffff;'
        f'border:1px solid {paint.badge}">{shape} {escape(message.badge)}</span>'
    )
    badges = [
        f'<span class="ink mark" style="{pill}letter-spacing:.06em;color:#1b1d20;'
        f'border:1px solid #1b1d20">{escape(word)}</span>'
        for word in dict.fromkeys(mark.word for mark in message.marks)
    ]
    amends = any(mark.word == wording.CORRECTION for mark in message.marks)
    badges.insert(1 if amends else 0, badge)
    if message.confidence:
        badges.append(
            '<span class="soft" style="font-size:13px;color:#5a626b;white-space:nowrap">'
            f"confidence {escape(message.confidence)}</span>"
        )
    spaced = "\n&nbsp;".join(badges)
    return (
        f'<div style="line-height:2">{spaced}</div>\n'
        '<h1 class="ink" style="margin:14px 0 0;font-size:24px;line-height:1.25;font-weight:700;'
        f'color:#1b1d20">{escape(message.title)}</h1>\n'
        f"{_change(message, paint)}"
        '<p class="ink" style="margin:10px 0 0;font-size:16px;line-height:1.5;color:#1b1d20">'
        f"{escape(message.headline)}</p>\n{''.join(map(_mark, message.marks))}"
        f"{_first_action(message)}"
    )


def _first_action(message: Message) -> str:
    """Return what the reader is asked to do as a button, above all that is to be read.

    On a telephone it would else stand three screens further down.
    """
    lines = (line for section in message.sections for line in section.lines)
    wanted = next((line for line in lines if _is_action(line)), None)
    if wanted is None:
        return ""
    return (
        f'<p style="margin:18px 0 0"><a href="{escape(wanted.note)}" style="display:inline-block;'
        "padding:11px 18px;border-radius:4px;background:#1558b0;color:#ffffff;font-size:15px;"
        f'font-weight:600;text-decoration:none">{escape(wanted.text)}</a></p>\n'
    )


def _is_action(line: Line) -> bool:
    """Return whether a line is done by following the web address in its note."""
    return line.style == "action" and urlsplit(line.note).scheme in {"http", "https"}


def _change(message: Message, paint: _Paint) -> str:
    """Return from what to what in large type, where both are short enough for it."""
    before, after = message.change
    if not after or max(len(before), len(after)) > LARGEST_CHANGE:
        return ""
    return (
        '<p class="soft" style="margin:14px 0 0;font-size:14px;line-height:1.4;color:#5a626b">'
        f"{escape(message.topic)}</p>\n"
        '<p class="ink change" style="margin:2px 0 0;font-size:28px;line-height:1.25;'
        f'font-weight:600;color:#1b1d20">{escape(before)} '
        '<span class="soft" style="color:#5a626b;font-weight:400">→</span> '
        f'<span class="{paint.name}" style="color:{paint.ink}">{escape(after)}</span></p>\n'
    )


def _mark(mark: tuple[str, str]) -> str:
    word, reason = mark
    return (
        '<p class="ink tint mark" style="margin:14px 0 0;padding:10px 14px;font-size:15px;'
        'line-height:1.5;color:#1b1d20;background:#f4f3f0;border-left:3px solid #1b1d20">'
        f"<strong>{escape(word)}:</strong> {escape(reason)}</p>\n"
    )


def _section(section: Section) -> str:
    """Return a row: the title on the left, on a phone above, and what it holds."""
    first = next((at for at, line in enumerate(section.lines) if line.term), len(section.lines))
    told = "".join(map(_said, section.lines[:first]))
    if rows := "".join(map(_row, section.lines[first:])):
        told += (
            '<table role="presentation" width="100%" cellpadding="0" cellspacing="0" border="0">\n'
            f"{rows}</table>\n"
        )
    return (
        '<tr><td class="label rule" valign="top" width="122" style="width:122px;'
        'padding:15px 12px 14px 0;border-top:1px solid #d9d7d2">'
        '<h2 class="soft" style="margin:0;font-size:11px;line-height:1.6;font-weight:700;'
        f'letter-spacing:.07em;color:#5a626b">{escape(section.label)}</h2></td>\n'
        '<td class="value rule" valign="top" style="padding:13px 0 14px;'
        f'border-top:1px solid #d9d7d2">\n{told}</td></tr>\n'
    )


def _row(line: Line) -> str:
    """Return a line of a section that names what each of its lines is about."""
    return (
        '<tr><td class="term soft" valign="top" width="92" style="width:92px;'
        'padding:1px 12px 1px 0;font-size:14px;line-height:1.5;color:#5a626b">'
        f"{escape(line.term)}</td>\n"
        f'<td class="said" valign="top">{_said(line)}</td></tr>\n'
    )


_TEXT = "font-size:15px;line-height:1.5;color:#1b1d20"


def _said(line: Line) -> str:
    """Return one statement, set off by what it is."""
    text = escape(line.text)
    note = escape(line.note) if line.style != "action" else ""
    if line.style == "quote":
        place = f' <span class="soft" style="color:#5a626b;font-size:13px">({note})</span>'
        return (
            '<p class="ink tint rule" style="margin:2px 0 8px;padding:8px 12px;font-size:15px;'
            'line-height:1.5;color:#1b1d20;background:#f4f3f0;border-left:3px solid #c4c1ba">'
            f"“{text}”{place if note else ''}</p>\n"
        )
    small = (
        f'<br><span class="soft" style="color:#5a626b;font-size:13px;line-height:1.4">{note}</span>'
    )
    space = 8 if note and not line.term else 2
    style = f"margin:0 0 {space}px;{_TEXT}"
    return f'<p class="ink" style="{style}">{_styled(line, text)}{small if note else ""}</p>\n'


def _styled(line: Line, text: str) -> str:
    if _is_action(line):
        return (
            f'<a class="link press" href="{escape(line.note)}" style="display:inline-block;'
            "margin:3px 0;padding:7px 12px;border:1px solid #1558b0;border-radius:4px;"
            f'color:#1558b0;font-weight:600;text-decoration:none">{text}</a>'
        )
    if line.style == "link" and urlsplit(line.text).scheme in {"http", "https"}:
        return f'<a class="link" href="{text}" style="color:#1558b0">{text}</a>'
    if line.style in {"strong", "advice"}:
        return f'<strong style="font-weight:600">{text}</strong>'
    if line.style in {"command", "code"}:
        return (
            f'<code class="ink tint" style="font-family:{_MONO};font-size:13px;color:#1b1d20;'
            f'background:#f4f3f0;padding:2px 5px;border-radius:3px">{text}</code>'
        )
    return text


def _footer(message: Message) -> str:
    lines = "<br>\n".join(escape(line) for line in message.footer)
    return (
        '<p class="soft rule" style="margin:0;padding:14px 0 0;border-top:1px solid #d9d7d2;'
        f'font-size:12px;line-height:1.6;color:#5a626b">{lines}</p>\n'
    )
