"""The evidence of one event as a page that opens anywhere: no script, nothing from elsewhere.

Whatever a source said is escaped. The page is for reading; what counts is in the files beside it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from html import escape

from watcher.core import phrases, wording
from watcher.core.capture import Capture
from watcher.core.events import Recorded
from watcher.core.export_rows import acknowledgement
from watcher.core.facts import State
from watcher.ports.proof import SignedCheckpoint

_STYLE = """
:root{color-scheme:light dark;--ink:#1b1d20;--paper:#fbfaf8;--soft:#59636e;--rule:#d9d6d0}
@media (prefers-color-scheme:dark){
:root{--ink:#eceae6;--paper:#15171a;--soft:#a7adb4;--rule:#363b42}}
body{margin:0 auto;padding:2.5rem 1.25rem 4rem;max-width:46rem;
background:var(--paper);color:var(--ink);
font:16px/1.6 system-ui,-apple-system,"Segoe UI",Roboto,"Liberation Sans",sans-serif}
h1{font-size:1.6rem;line-height:1.25;margin:.4rem 0 1rem}h2{font-size:1.05rem;margin:2.2rem 0 .6rem}
.over{color:var(--soft);font-size:.85rem}.change{font-size:1.35rem;margin:.2rem 0 1rem}
table{border-collapse:collapse;width:100%;font-variant-numeric:tabular-nums}
th,td{text-align:left;vertical-align:top;padding:.3rem .8rem .3rem 0;
border-top:1px solid var(--rule);overflow-wrap:anywhere}
th{font-weight:500;color:var(--soft);width:11rem}
code,pre{font:.85rem/1.5 ui-monospace,SFMono-Regular,Menlo,Consolas,"Liberation Mono",monospace;
overflow-wrap:anywhere;white-space:pre-wrap}
blockquote{margin:.8rem 0;padding:.1rem 0 .1rem 1rem;border-left:3px solid var(--ink)}
.warn{border:1px solid var(--ink);padding:.6rem .9rem}
@media print{body{max-width:none;padding:0}}
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """What the page shows.

    Attributes:
        told: The event.
        facts: What its source said of its subject as of the event.
        capture: The look it came of; None: it came of none.
        sealed_at: The position of the event that seals the capture; 0: not sealed yet.
        redacted_at: The position of the event that tells of a redaction; 0: there is none.
        checkpoint: The signed checkpoint over it.
        vkey: The public key it was signed by.
        reader: The reader that read the snapshot anew; empty: it was not read.
        files: The names of all files.
        lacks: What is not proven yet, in words.
    """

    told: Recorded
    facts: State
    capture: Capture | None
    sealed_at: int
    redacted_at: int
    checkpoint: SignedCheckpoint | None
    vkey: str
    reader: str
    files: tuple[str, ...]
    lacks: tuple[str, ...]


def page(shown: Shown) -> str:
    """Return the page as HTML."""
    event = shown.told.event
    name = phrases.title(event.subject, shown.facts, {})
    what = phrases.capital(phrases.what(event, shown.facts))
    return "\n".join(
        (
            '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">',
            '<meta name="viewport" content="width=device-width,initial-scale=1">',
            f"<title>{_text(name)}: evidence</title>\n<style>{_STYLE}</style>\n</head>\n<body>",
            f'<p class="over">{_severity(shown.told)} · event {shown.told.position}: evidence</p>',
            f'<h1>{_text(name)}</h1>\n<p class="change">{_text(what)}</p>',
            *_warnings(shown),
            _section("When, and who says so", _rows(_dates(shown))),
            _section("In the source's words", "\n".join(_quotes(shown))),
            _section("The look it came of", _rows(_look(shown))),
            _section("Where it stands in the log", _rows(_proof(shown))),
            _section("How to verify it", _how(shown)),
            _section("What is in the bundle", _rows(_files(shown.files))),
            f"<footer><p>{_text(acknowledgement(shown.told))}</p></footer>",
            "</body>\n</html>\n",
        )
    )


def _severity(told: Recorded) -> str:
    return _text(wording.SEVERITY[told.event.severity])


def _warnings(shown: Shown) -> Iterator[str]:
    if shown.redacted_at:
        why = f"by event {shown.redacted_at}; its digest and what was quoted from it stay"
        yield f'<p class="warn">The snapshot was redacted {why}.</p>'
    for lack in shown.lacks:
        yield f'<p class="warn">Not proven yet: {_text(lack)}.</p>'


def _dates(shown: Shown) -> Iterator[tuple[str, str]]:
    event, known = shown.told.event, shown.told.provenance
    if event.effective:
        role = phrases.capital(phrases.date_role(event))
        yield role, _text(phrases.date_with_precision(event.effective))
    if known.published:
        yield "Published by the source", _text(phrases.date_with_precision(known.published))
    if known.previously:
        yield "Seen before, without it", _text(phrases.instant(known.previously))
    yield "Seen by us", _text(phrases.instant(known.observed_at))
    yield "Recorded by us", _text(phrases.instant(shown.told.recorded_at))
    yield "Source", f"{_text(known.source)}, {_text(phrases.tier(shown.told))}"
    if known.url:
        yield "Address", _code(known.url)
    yield "Why it stands in the log", _text(str(shown.told.cause))


def _quotes(shown: Shown) -> Iterator[str]:
    found = shown.told.provenance.evidence
    if not found:
        yield "<p>The event quotes nothing: see <code>reading.json</code> and the snapshot.</p>"
    for each in found:
        yield f"<blockquote>{_text(each.quote)}</blockquote>"
        yield f'<p class="over">{_text(each.path)}, at {_text(each.place or "no place told")}</p>'


def _look(shown: Shown) -> Iterator[tuple[str, str]]:
    capture = shown.capture
    if capture is None:
        yield "Capture", "none: the event tells of the watching itself, or of a decision"
        return
    yield "Capture", _code(capture.id)
    yield "Verdict", _text(str(capture.verdict))
    yield "Answer", f"{capture.status} from {_code(capture.final_url or capture.url)}"
    yield "Snapshot", _code(capture.digest or "none")
    yield "Read by", f"{_code(shown.told.provenance.reader or 'no reader')}; {_again(shown)}"
    sealed = f"by event {shown.sealed_at}" if shown.sealed_at else "not yet"
    yield "Sealed", sealed


def _again(shown: Shown) -> str:
    return f"read anew by {_code(shown.reader)}" if shown.reader else "not read anew"


def _proof(shown: Shown) -> Iterator[tuple[str, str]]:
    told = shown.told
    yield "Position", f"{told.position}, version {told.version} of {_code(told.stream)}"
    yield "Id", _code(told.event_id)
    yield "Hash", _code(told.hash)
    if shown.checkpoint:
        yield "Signed checkpoint", f"over {shown.checkpoint.size} events, {shown.checkpoint.at}"
        yield "Root", _code(shown.checkpoint.root.hex())
        yield "Key", _code(shown.vkey)


def _how(shown: Shown) -> str:
    key = shown.vkey or "NAME+ID+KEY"
    return (
        "<p>With Python 3 and nothing else, in the unpacked bundle:</p>\n"
        f"<pre>python verify.py --vkey {_text(key)}</pre>\n"
        "<p>It hashes every file, the row of the log and the path to the signed root. The "
        "signature takes <code>pip install cryptography</code>. Get the key from the owner of this "
        "log by another way than this bundle: the key above proves only that the bundle agrees "
        "with itself. A checkpoint that you kept earlier shows that nothing was rewritten since: "
        "<code>watcher verify --checkpoint FILE</code>.</p>"
    )


_ABOUT = {
    "event.json": "the event, to be read",
    "log/event.row.json": "the row's columns and hashes",
    "log/event.payload.json": "the row's bytes as they are stored and hashed",
    "log/event.inclusion.json": "the path from the row to the signed root",
    "snapshot.bin": "the bytes the source answered with",
    "reading.json": "what the snapshot says, read anew",
    "capture.json": "the look, with the answer's headers",
    "seal.leaves.txt": "the hash of every look that was sealed with it",
    "checkpoint.txt": "the signed checkpoint (C2SP signed note)",
    "vkey.txt": "the public key",
    "verify.py": "the verifier",
    "MANIFEST.txt": "sha256 of every file",
}


def _files(names: Iterable[str]) -> Iterator[tuple[str, str]]:
    for name in names:
        yield name, _ABOUT.get(name, "")


def _section(title: str, body: str) -> str:
    return f"<h2>{_text(title)}</h2>\n{body}"


def _rows(pairs: Iterable[tuple[str, str]]) -> str:
    rows = (f"<tr><th scope=row>{_text(name)}</th><td>{value}</td></tr>" for name, value in pairs)
    return "<table>\n" + "\n".join(rows) + "\n</table>"


def _code(text: str) -> str:
    return f"<code>{_text(text)}</code>"


def _text(text: str) -> str:
    return escape(text, quote=True)
