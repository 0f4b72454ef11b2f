"""A signed checkpoint in a message, to the letter: a note that is wrapped cannot be checked."""

from __future__ import annotations

from dataclasses import replace
from html import escape

from watcher.ports import Envelope

_ABOVE = "The signed checkpoint, to be kept as it is:"
_MONO = "ui-monospace,SFMono-Regular,Menlo,Consolas,'Liberation Mono','DejaVu Sans Mono',monospace"
_END = "</body>"


def with_note(envelope: Envelope, note: str) -> Envelope:
    """Return the message with a signed note at its end, in its text and in its HTML.

    Args:
        envelope: The message.
        note: The note, with all its line ends; empty: the message stays as it is.
    """
    if not note:
        return envelope
    shown = (
        '<div class="ink" style="max-width:552px;margin:0 auto;padding:0 24px 32px;'
        f'color:#1b1d20"><p class="soft" style="margin:0 0 6px;font-size:12px;color:#5a626b;'
        f'font-family:sans-serif">{_ABOVE}</p>\n'
        '<pre class="ink tint" style="margin:0;padding:12px 14px;white-space:pre-wrap;'
        "overflow-wrap:anywhere;font-size:12px;"
        f'line-height:1.5;color:#1b1d20;background:#f4f3f0;font-family:{_MONO}">{escape(note)}'
        "</pre></div>\n"
    )
    before, end, after = envelope.html.rpartition(_END)
    return replace(
        envelope,
        text=f"{envelope.text}\n{_ABOVE}\n\n{note}",
        html=f"{before}{shown}{end}{after}" if end else envelope.html,
    )
