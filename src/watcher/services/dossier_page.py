"""A dossier as one page of HTML: no script, nothing fetched, for screen, phone and paper."""

from __future__ import annotations

from watcher.core import wording
from watcher.core.credits import credits_of
from watcher.core.edtf import in_words
from watcher.core.lifeline import LifeLine
from watcher.core.lifeline_svg import NARROW, WIDE, svg
from watcher.core.lifeline_svg import STYLE as LINE_STYLE
from watcher.core.phrases import instant
from watcher.services import dossier_facts as facts
from watcher.services import dossier_record as record
from watcher.services.dossier import Dossier
from watcher.services.html import Html, element, join

_POLICY = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"

STYLE = """
:root{color-scheme:light dark;--paper:#fff;--ink:#1b1d20;--soft:#5a626b;--rule:#d9d7d2;
--tint:#f4f3f0;--link:#1558b0;--critical:#b3261e;--high:#8f4700;--normal:#1d5fa6;--low:#59636e;
--operator:#5b3fa0}
@media (prefers-color-scheme:dark){:root{--paper:#15171a;--ink:#eceae6;--soft:#a7adb4;
--rule:#363b42;--tint:#20242a;--link:#9cc4ff;--critical:#ff9d94;--high:#ffb871;--normal:#93c5fd;
--low:#b3bac2;--operator:#c9b6ff}}
*{box-sizing:border-box}
html{-webkit-text-size-adjust:100%}
body{margin:0;background:var(--paper);color:var(--ink);font:16px/1.55 -apple-system,
BlinkMacSystemFont,"Segoe UI",Roboto,"Helvetica Neue",Arial,"Liberation Sans",sans-serif;
font-variant-numeric:tabular-nums;overflow-wrap:break-word}
main{max-width:1136px;margin:0 auto;padding:40px 28px 56px}
h1{font-size:32px;line-height:1.2;margin:6px 0 4px;font-weight:700;text-wrap:balance}
h2{font-size:20px;line-height:1.3;margin:44px 0 4px;padding-top:16px;
border-top:1px solid var(--rule);
font-weight:700}
p{max-width:72ch;margin:8px 0}
.kind{margin:0;font-size:12px;letter-spacing:.08em;font-weight:700;color:var(--soft)}
.soft,caption{color:var(--soft)}
.small{font-size:13px;line-height:1.5}
a{color:var(--link)}
code,.mono{font-family:ui-monospace,SFMono-Regular,Menlo,Consolas,"Liberation Mono",
"DejaVu Sans Mono",monospace;font-size:.86em;overflow-wrap:anywhere}
code{background:var(--tint);padding:1px 5px;border-radius:3px}
.now{display:grid;grid-template-columns:repeat(auto-fill,minmax(250px,1fr));gap:14px;
margin:22px 0 6px}
.now>div{border:1px solid var(--rule);border-radius:6px;padding:14px 16px}
.now .value{font-size:22px;line-height:1.25;font-weight:600;margin:2px 0 6px}
nav{margin:18px 0 0;font-size:14px;line-height:2}
nav a{margin-right:16px;white-space:nowrap}
table{width:100%;table-layout:fixed;border-collapse:collapse;
margin:12px 0 4px;font-size:14.5px;line-height:1.45}
caption{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%)}
th{font-size:12px;letter-spacing:.04em;text-align:left;color:var(--soft);font-weight:600;
padding:6px 14px 6px 0;border-bottom:1px solid var(--rule);vertical-align:bottom}
td{padding:8px 14px 8px 0;border-bottom:1px solid var(--rule);vertical-align:top;
unicode-bidi:isolate}
th:last-child,td:last-child{padding-right:0}
td>div{min-width:0}
tr{break-inside:avoid}
.nb{white-space:nowrap}
q{display:block;margin:4px 0 2px;padding:4px 10px;border-left:3px solid var(--rule);
background:var(--tint);quotes:"“" "”"}
.badge{font-size:12px;font-weight:700;letter-spacing:.05em;white-space:nowrap}
.critical{color:var(--critical)}.high{color:var(--high)}.normal{color:var(--normal)}
.low{color:var(--low)}.operator{color:var(--operator)}
.mark{display:inline-block;border:1px solid currentColor;border-radius:3px;padding:0 6px;
font-size:12px;font-weight:700;letter-spacing:.05em}
.gone{color:var(--soft)}.gone .what{text-decoration:line-through}
.none{padding:10px 14px;background:var(--tint);border-left:3px solid var(--rule);max-width:72ch}
pre{white-space:pre-wrap;background:var(--tint);padding:12px 14px}
.line{overflow-x:auto;margin:12px 0}
.line svg{max-width:100%;height:auto;display:block}.narrow{display:none}
ol.steps{padding-left:22px;max-width:76ch}
ol.steps li{margin:6px 0}
footer{margin-top:44px;padding-top:14px;border-top:1px solid var(--rule);font-size:13px;
line-height:1.6;color:var(--soft)}
@media (max-width:700px){
main{padding:22px 18px 40px}
h1{font-size:26px}h2{margin-top:34px}.wide{display:none}.narrow{display:block}
thead{display:none}
table,tbody,tr,td{display:block;width:100%}
tr{padding:10px 0;border-bottom:1px solid var(--rule)}
td{display:grid;grid-template-columns:92px minmax(0,1fr);gap:10px;padding:3px 0;border:0}
td::before{content:attr(data-label);color:var(--soft);font-size:12.5px;padding-top:1px}
td:has(>div:empty){display:none}
.nb{white-space:normal}
}
@media print{
:root{--paper:#fff;--ink:#000;--soft:#444;--rule:#bbb;--tint:#f4f4f4;--link:#000;
--critical:#9c1c15;--high:#7a3c00;--normal:#174d86;--low:#444;--operator:#4a3385}
@page{size:A4;margin:16mm 14mm 18mm}
body{font-size:10.5pt}main{max-width:none;padding:0}nav{display:none}
h2{break-after:avoid}table{font-size:9pt}thead{display:table-header-group}
a{text-decoration:none}
}
"""


def dossier_page(told: Dossier, line: LifeLine | None = None) -> str:
    """Return a dossier as a whole page.

    Args:
        told: What to tell; every text of it is escaped here.
        line: The medicine's life line, to be drawn; None: its dates alone.
    """
    sections = (
        ("life", "Life line", facts.life(told, _drawn(line))),
        ("status", "Where it stands", facts.status(told)),
        ("identity", "What it is", facts.identity(told)),
        ("happened", "What happened, in order of its date", record.happened(told)),
        ("learnt", "What we learnt, in the order in which we learnt it", record.learnt(told)),
        ("documents", "Documents", facts.documents(told)),
        ("doubts", "Corrections, conflicts, confirmations", record.doubts(told)),
        ("looks", "How often we looked", record.looked(told)),
        ("told", "Who was told", record.messages(told)),
        ("evidence", "Evidence", record.evidence(told)),
        ("verify", "How to verify this yourself", record.verify(told)),
    )
    nav = join(element("a", title, href=f"#{name}") for name, title, _ in sections)
    body = join(
        (
            element("section", element("h2", title), content, id=name)
            for name, title, content in sections
        ),
        "\n",
    )
    main = element("main", _head(told), element("nav", nav), body, _foot(told))
    return (
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        '<meta name="color-scheme" content="light dark">\n'
        '<meta name="robots" content="noindex">\n'
        f"{element('title', f'Dossier: {told.title}')}\n"
        f"<style>{STYLE}{LINE_STYLE if line else ''}</style>\n</head>\n"
        f"<body>\n{main}\n</body>\n</html>\n"
    )


def _drawn(line: LifeLine | None) -> Html:
    """Return the life line twice, for a desk and for a telephone; the style shows one."""
    if line is None:
        return Html("")
    wide, narrow = (svg(line, width=width, is_alone=False) for width in (WIDE, NARROW))
    return join(
        (
            element("div", Html(wide), class_="line wide"),
            element("div", Html(narrow), class_="line narrow"),
        )
    )


def _head(told: Dossier) -> Html:
    made = (
        f"As it stood in the log of {told.program} at position {told.head}, "
        f"{instant(told.at)}. {record.counted(len(told.events), 'event')}, "
        f"{record.counted(len(told.snapshots), 'captured page')}, "
        f"{record.counted(sum(each.total for each in told.looks), 'look')}."
    )
    return element(
        "header",
        element("p", "DOSSIER OF ONE MEDICINE", class_="kind"),
        element("h1", told.title),
        element("p", made, class_="soft"),
        facts.now(told),
    )


def _foot(told: Dossier) -> Html:
    """Return whose words these are, and what they are good for."""
    month = in_words(told.at[:7])
    urls = [each.provenance.url for each in told.events]
    lines = credits_of(urls, month) or [wording.FOOT_ORIGIN]
    lines += [wording.FOOT_DISCLAIMER, f"Head of the log: position {told.head}, {told.head_hash}."]
    return element("footer", *(element("div", line) for line in lines))
