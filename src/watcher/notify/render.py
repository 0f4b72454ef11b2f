"""One message as plain text, as HTML and as five lines of chat; all three say the same.

What sources print is hostile until shown otherwise: it is put on one line, its control and
direction marks are taken out, and what HTML or Markdown would act on is escaped.
"""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterable, Iterator
from urllib.parse import quote, urlsplit

from watcher.core import wording
from watcher.core.message import Line, Message, Section
from watcher.core.taxonomy import Severity
from watcher.core.text import shorten, tidy
from watcher.notify.html_mail import html_mail
from watcher.ports import Envelope

WIDTH = 76
"""Columns of the text; only addresses, digests and commands are let run over."""
LABEL = 15
"""Columns of a section's title."""
TERM = 18
"""A longer term stands before its statement and not in a column of its own."""
LONGEST_SUBJECT = 240

SHAPES = {
    wording.SEVERITY[Severity.CRITICAL]: "▲",
    wording.SEVERITY[Severity.HIGH]: "◆",
    wording.SEVERITY[Severity.NORMAL]: "●",
    wording.SEVERITY[Severity.LOW]: "○",
    wording.OPERATOR: "■",
    wording.DIGEST: "○",
    wording.TRIAL: "□",
}
"""A shape a badge, for eyes that do not see the colour."""


def shape(badge: str) -> str:
    """Return the shape of a badge: of its first word, since operators have one of their own."""
    return SHAPES.get(badge.partition(" · ")[0], "")


_DIRECTION = re.compile("[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")


def clean(text: str) -> str:
    """Return `text` on one line and without marks that could hide or turn round what it says."""
    return tidy(_DIRECTION.sub("", text))


def render(message: Message, *, key: str, in_reply_to: str = "") -> Envelope:
    """Return `message` as an envelope.

    Args:
        message: What to tell.
        key: What makes it this message; it stands in every form, so that a doubled one shows.
        in_reply_to: The key of the message it follows up.
    """
    cleaned = _cleaned(message, key)
    return Envelope(
        key=key,
        subject=cleaned.subject,
        text=text_mail(cleaned),
        html=html_mail(cleaned, shape(cleaned.badge)),
        chat=chat(cleaned, key),
        in_reply_to=in_reply_to,
        data=message.data,
    )


def _cleaned(message: Message, key: str) -> Message:
    """Return the message with every text cleaned and its key in the footer."""
    footer = (*message.footer, wording.FOOT_KEY.format(key=key))
    return Message(
        subject=shorten(clean(message.subject), LONGEST_SUBJECT),
        severity=message.severity,
        badge=message.badge,
        title=clean(message.title),
        headline=clean(message.headline),
        marks=tuple(mark._replace(reason=clean(mark.reason)) for mark in message.marks),
        topic=clean(message.topic),
        change=message.change._replace(
            before=clean(message.change.before), after=clean(message.change.after)
        ),
        confidence=message.confidence,
        brief=_clean_lines(message.brief),
        sections=tuple(Section(part.label, _clean_lines(part.lines)) for part in message.sections),
        footer=tuple(clean(line) for line in footer),
        credit=clean(message.credit),
    )


def _clean_lines(lines: Iterable[Line]) -> tuple[Line, ...]:
    return tuple(
        Line(clean(line.text), clean(line.term), line.style, clean(line.note)) for line in lines
    )


def text_mail(message: Message) -> str:
    """Return the whole message as plain text of `WIDTH` columns with aligned labels."""
    first = [_first_words(message), "", *_wrap(message.title), *_wrap(message.headline)]
    parts = [first, *(_wrap(f"{mark.word}: {mark.reason}") for mark in message.marks)]
    parts += (_text_section(section) for section in message.sections)
    footer = [line for foot in message.footer for line in _wrap(foot)]
    parts.append(["-" * WIDTH, *footer])
    return "\n\n".join("\n".join(part) for part in parts) + "\n"


def _first_words(message: Message) -> str:
    """Return severity and doubts; amends come before both."""
    doubts = [mark.word for mark in message.marks]
    first = [wording.CORRECTION] if wording.CORRECTION in doubts else []
    return " · ".join(dict.fromkeys([*first, message.badge, *doubts]))


_COMMAND = re.compile(r"watcher (?:acknowledge|evidence|show|verify) \S+(?: -o \S+)?")


def _wrap(text: str, indent: int = 0) -> list[str]:
    """Return `text` in lines; a command stays on one, so that it can be copied."""
    held = _COMMAND.sub(lambda found: found[0].replace(" ", "\xa0"), text)
    lines = textwrap.wrap(held, WIDTH - indent, break_long_words=False, break_on_hyphens=False)
    return [line.replace("\xa0", " ") for line in lines] or [""]


def _text_section(section: Section) -> list[str]:
    """Return a section: its title on the left, its lines beside it."""
    terms = [line.term for line in section.lines if len(line.term) <= TERM]
    column = max(map(len, terms), default=0)
    column += 2 if column else 0
    started = False
    rows: list[str] = []
    for line in section.lines:
        started = started or bool(line.term)
        # What stands before the first term belongs to the whole section.
        rows += _text_line(line, column if started else 0, has_terms=bool(column))
    title = section.label.ljust(LABEL)
    return [(title if at == 0 else " " * LABEL) + row for at, row in enumerate(rows)]


def _text_line(line: Line, column: int, *, has_terms: bool) -> Iterator[str]:
    """Yield the rows of one line, its term in a column or, where it is too long, before it."""
    text, note = line.text, line.note
    if line.style == "quote":
        text, note = f'"{text}"' + (f" ({note})" if note else ""), ""
    term = line.term
    if len(term) > TERM:
        text, term, column = f"{term}: {text}", "", 0
    rows = _wrap(text, LABEL + column)
    small = "" if has_terms else "  "
    rows += [small + row for row in _wrap(note, LABEL + column + len(small))] if note else []
    for at, row in enumerate(rows):
        yield (term if at == 0 else "").ljust(column) + row


_MARKDOWN = re.compile(r"([\\`*_\[\]<>~|])")
_INERT = (("@", "@\u200b"), ("://", ":\u200b//"))
"""What would call somebody or be made a link, and what is written in its place."""


def escape_markdown(text: str) -> str:
    """Return `text` as Markdown that shows it as it is, calls nobody and opens no address."""
    escaped = _MARKDOWN.sub(r"\\\1", text)
    for lively, inert in _INERT:
        escaped = escaped.replace(lively, inert)
    return escaped


def chat(message: Message, key: str) -> str:
    """Return five lines of Markdown: title, what, when, who says so, where to look."""
    title = f"{shape(message.badge)} {_first_words(message)} – {message.title}"
    lines = [f"**{escape_markdown(title.strip())}**"]
    lines += (_chat_line(line) for line in message.brief[:4])
    credit = f" · {escape_markdown(message.credit)}" if message.credit else ""
    lines[-1] += f"{credit} · key {escape_markdown(key)}"
    return "\n".join(lines)


def _chat_line(line: Line) -> str:
    if line.style == "command":
        command = line.text.replace("`", "'")
        link = web_address(line.note)
        return f"`{command}`" + (f" · {link}" if link else "")
    if line.style == "link" and (link := web_address(line.text)):
        return f"{escape_markdown(line.term)} {link}".strip()
    text = escape_markdown(f"{line.term} {line.text}".strip())
    return f"**{text}**" if line.style == "strong" else text


def web_address(text: str) -> str:
    """Return an http(s) address with all that markup could act on encoded; else nothing."""
    address = quote(text, safe=":/?#&=%+,;-._")
    return address if urlsplit(address).scheme in {"http", "https"} else ""
