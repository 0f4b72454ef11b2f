"""The table of hostile inputs: every one is refused or read within its bounds."""

from __future__ import annotations

from hostile.files import FILES
from hostile.inputs import Hostile
from hostile.pages import PAGES

TABLE = (*PAGES, *FILES)
"""All of them."""

SLOW = frozenset(
    {
        *("HTML/a million entities", "HTML/10 MB tag without an end", "Text/20 MB in no charset"),
        *("JSON/a row of a million keys", "JSON/ten million empty rows", "JSON/50 MB of rows"),
        *("PDF/stream bomb, 300 MB", "PDF/two million pieces of text", "PDF/60 MB of nothing"),
        *("YAML/130,000 items", "YAML/80,000 keys", "YAML/flow entries"),
        *("tar/a name of 2 GB", "tar/a file of 1 GB", "tar/60,000 files"),
        *("WARC/a header line of 1 GB", "WARC/a first line of 1 GB", "WARC/a page of 1 GB"),
        *("WARC/ten million headers", "Wire/a byte now and then", "Wire/a million members"),
        *("Wire/gzip bomb, 400 MB", "Wire/gzip in gzip", "Excel/4 million cells"),
        *("Text/5 MB of spaces and dates", "Text/a line of 5 MB", "Text/a million links opened"),
        *("HTML/quotes without an end", "XML/text between 2 million comments"),
        *("HTML/50 MB in one line", "HTML/20 MB of comments", "tar/99 MB of zeros in xz"),
    }
)
"""Those that take half a second or more to make or to meet; `make hostile` meets them all."""

CONTROLS = (
    Hostile("control", "takes memory", "control", bytes, "none"),
    Hostile("control", "takes time", "control", bytes, "none", seconds=0.1),
    Hostile("control", "breaks", "control", bytes, "none"),
)
"""What the measuring has to find."""
