"""The five lines of a chat in the markup of whoever receives them.

What waits in the outbox is written in one small Markdown of our own: `**strong**`, a `code` span,
a bare web address, and a backslash before whatever else markup would act on. Every service reads
another dialect, so these lines are taken apart and written anew. Nothing that a source prints
becomes markup there, opens a link or calls anybody: after each `@` and inside each `://` stands a
character of no width.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from html import escape
from types import MappingProxyType
from typing import Literal, NamedTuple, TypeAlias

Form = Literal["text", "markdown", "html"]
Kind = Literal["text", "strong", "code", "link"]

LONGEST_IRC_LINE = 380
"""Bytes of one line: 512 with address and line end (RFC 2812), less what servers put before it."""


class Piece(NamedTuple):
    """A stretch of a line that is set off in one way."""

    kind: Kind
    text: str


Line: TypeAlias = Sequence[Piece]


@dataclass(frozen=True, slots=True)
class Flavour:
    """How one family of services wants its text.

    Attributes:
        name: What we call it.
        form: What the text is, for a service that takes several.
        write: From lines to the text itself.
        is_titled: Whether the first line goes into a field of its own, as plain text.
    """

    name: str
    form: Form
    write: Callable[[Sequence[Line]], str]
    is_titled: bool = False


_TOKEN = re.compile(
    r"\\(?P<escaped>.)|(?P<strong>\*\*)|`(?P<code>[^`]*)`"
    r"|(?<!\S)(?P<link>https?://[^\s\\]+)(?!\S)|(?P<plain>.)",
    re.DOTALL,
)


def lines_of(chat: str) -> tuple[Line, ...]:
    """Return what our own Markdown says, line by line."""
    return tuple(tuple(_pieces(line)) for line in chat.split("\n"))


def _pieces(line: str) -> list[Piece]:
    """Return a line in stretches; neighbours that are set off alike are one."""
    found: list[Piece] = []
    is_strong = False
    for token in _TOKEN.finditer(line):
        if token["strong"]:
            is_strong = not is_strong
            continue
        if token["code"] is not None:
            piece = Piece("code", token["code"])
        elif token["link"]:
            piece = Piece("link", token["link"])
        else:
            text = token["escaped"] or token["plain"]
            piece = Piece("strong" if is_strong else "text", text)
        if found and found[-1].kind == piece.kind and piece.kind in {"text", "strong"}:
            piece = Piece(piece.kind, found.pop().text + piece.text)
        found.append(piece)
    return found


def plain(line: Line) -> str:
    """Return what a line says, without any markup."""
    return "".join(piece.text for piece in line)


Style: TypeAlias = Callable[[str], str]


def _written(styles: Mapping[Kind, Style], between: str) -> Callable[[Sequence[Line]], str]:
    """Return what writes lines with a style for each kind of piece."""

    def write(lines: Sequence[Line]) -> str:
        told = ("".join(styles[piece.kind](piece.text) for piece in line) for line in lines)
        return between.join(told)

    return write


_COMMONMARK = re.compile(r"([\\`*_\[\]<>~|])")
_BLOCK = re.compile(r"^(\s*)([#>+=-]|\d+[.)])")
"""What would make a heading, a quotation or a list of a line."""


def _commonmark_text(text: str) -> str:
    return _COMMONMARK.sub(r"\\\1", text)


def _commonmark(lines: Sequence[Line]) -> str:
    return "\n".join(map(_commonmark_line, lines))


def _commonmark_line(line: Line) -> str:
    styles: Mapping[Kind, Style] = {
        "text": _commonmark_text,
        "strong": lambda text: f"**{_commonmark_text(text)}**",
        "code": lambda text: f"`{text}`",
        "link": str,
    }
    told = _written(styles, "")([line])
    return _BLOCK.sub(_broken_block, told)


def _broken_block(found: re.Match[str]) -> str:
    """Return the beginning of a line with a backslash where it would have begun a block."""
    mark = found[2]
    return f"{found[1]}{mark[:-1]}\\{mark[-1]}"


_MRKDWN = re.compile(r"([*_~`])")


def _mrkdwn_text(text: str) -> str:
    """Return text for Slack and Google Chat, whose markup knows no backslash."""
    return _MRKDWN.sub("\u200b\\1\u200b", escape(text, quote=False))


def _html_text(text: str) -> str:
    return escape(text, quote=True)


def _anchor(address: str) -> str:
    return f'<a href="{_html_text(address)}">{_html_text(address)}</a>'


_AT = re.compile(r"<(?=/?at\b)", re.IGNORECASE)


def _teams_text(text: str) -> str:
    """Return text for an adaptive card: its Markdown, and no `<at>` that names anybody."""
    return _commonmark_text(_AT.sub("<\u200b", text))


def _irc(lines: Sequence[Line]) -> str:
    """Return plain lines, each short enough that no server hangs up over it."""
    return "\n".join(part for line in lines for part in _cut(plain(line)))


def _cut(text: str) -> list[str]:
    """Return a line in parts of at most `LONGEST_IRC_LINE` bytes, broken between words."""
    parts: list[str] = []
    room = ""
    for word in text.split(" "):
        longer = f"{room} {word}" if room else word
        if len(longer.encode("utf-8", "replace")) <= LONGEST_IRC_LINE:
            room = longer
            continue
        parts += [room] if room else []
        *whole, room = _chopped(word)
        parts += whole
    return [*parts, room]


def _chopped(word: str) -> list[str]:
    """Return one overlong word in parts; four bytes are the most that a character takes."""
    size = LONGEST_IRC_LINE // 4 if not word.isascii() else LONGEST_IRC_LINE
    return [word[at : at + size] for at in range(0, len(word), size)] or [""]


_PLAIN_STYLES: Mapping[Kind, Style] = {"text": str, "strong": str, "code": str, "link": str}
PLAIN = Flavour("plain", "text", _written(_PLAIN_STYLES, "\n"), is_titled=True)
"""For services that show what they get: telephones, ntfy, and all that we know nothing of."""
IRC = Flavour("irc", "text", _irc)
COMMONMARK = Flavour("commonmark", "markdown", _commonmark)
"""Mattermost, Rocket.Chat, Discord, Zulip."""
TITLED_COMMONMARK = Flavour("commonmark", "markdown", _commonmark, is_titled=True)
_MRKDWN_STYLES: Mapping[Kind, Style] = {
    "text": _mrkdwn_text,
    "strong": lambda text: f"*{_mrkdwn_text(text)}*",
    "code": lambda text: f"`{escape(text, quote=False)}`",
    "link": lambda address: f"<{escape(address, quote=False)}>",
}
MRKDWN = Flavour("mrkdwn", "markdown", _written(_MRKDWN_STYLES, "\n"))
"""Google Chat."""
TITLED_MRKDWN = Flavour("mrkdwn", "markdown", _written(_MRKDWN_STYLES, "\n"), is_titled=True)
"""Slack, whose title is plain text."""
MATRIX = Flavour(
    "matrix",
    "html",
    _written(
        {
            "text": _html_text,
            "strong": lambda text: f"<strong>{_html_text(text)}</strong>",
            # a code span would be a line of its own in the plain text that Apprise makes of it
            "code": _html_text,
            "link": _anchor,
        },
        "<br>",
    ),
)
TELEGRAM = Flavour(
    "telegram",
    "html",
    _written(
        {
            "text": _html_text,
            "strong": lambda text: f"<b>{_html_text(text)}</b>",
            "code": lambda text: f"<code>{_html_text(text)}</code>",
            "link": _anchor,
        },
        "\n",
    ),
)
TEAMS = Flavour(
    "teams",
    "markdown",
    _written(
        {
            "text": _teams_text,
            "strong": lambda text: f"**{_teams_text(text)}**",
            "code": _teams_text,
            "link": lambda address: f"[{address}]({address})",
        },
        "\n\n",
    ),
)
"""Microsoft Teams: an adaptive card has no code spans, and a single line break does not count."""

FLAVOURS: Mapping[str, Flavour] = MappingProxyType(
    {
        **dict.fromkeys(("irc", "ircs"), IRC),
        **dict.fromkeys(("mmost", "mmosts", "rocket", "rockets", "discord", "zulip"), COMMONMARK),
        **dict.fromkeys(("json", "jsons", "xml", "xmls", "form", "forms"), TITLED_COMMONMARK),
        "slack": TITLED_MRKDWN,
        "gchat": MRKDWN,
        **dict.fromkeys(("matrix", "matrixs"), MATRIX),
        **dict.fromkeys(("tgram", "telegram"), TELEGRAM),
        **dict.fromkeys(("workflow", "workflows", "teams"), TEAMS),
    }
)
"""What the schemes of channels want; all others get plain text."""
_CAN_READ_MARKDOWN = frozenset({"ntfy", "ntfys", "gotify", "gotifys"})


def flavour(scheme: str, *, asks_for: str = "") -> Flavour:
    """Return the flavour of a channel.

    Args:
        scheme: What its address begins with.
        asks_for: The format that the address asks for, where it does: ntfy and Gotify show plain
            text unless `format=markdown`.
    """
    if scheme in _CAN_READ_MARKDOWN and asks_for == "markdown":
        return TITLED_COMMONMARK
    return FLAVOURS.get(scheme, PLAIN)
