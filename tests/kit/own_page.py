"""A page of a user's own, and what the generic reader reads on it by some options."""

from __future__ import annotations

from watcher.core.facts import Reading
from watcher.readers.generic import generic_reader
from watcher.readers.generic_options import GenericOptions
from watcher.readers.reader import Payload

URL = "https://agency.example/medicines/testol?lang=en"
PAGE = """<!DOCTYPE html><html><head><title>Testol | Agency</title></head><body>
<h1>Testol</h1>
<dl>
 <dt>Status:</dt><dd>Withdrawn</dd>
 <dt>Withdrawn on</dt><dd>13 December 2024</dd>
 <dt>Orphan</dt><dd>No</dd>
 <dt>Substances</dt><dd>testolin; placebin</dd>
 <dt>Packs sold</dt><dd>1,504</dd>
 <dt>Remarks</dt><dd></dd>
</dl>
<p class="stamp">Updated <time datetime="2025-01-21">21/01/2025</time></p>
<h2>News</h2>
<ul class="news">
 <li><a href="/news/3">Stop of sales</a> <span>3/1/2025</span></li>
 <li><a href="/news/2">Letter to doctors</a> <span>2/1/2025</span></li>
 <li><a href="/news/1">Recall</a> <span>1/1/2025</span></li>
</ul>
<h2>Packs</h2>
<table><tr><th>Code</th><th>Size of pack</th><th>País</th></tr>
<tr><td>001</td><td>10</td><td>DE</td></tr><tr><td>002</td><td>20</td><td>FR</td></tr>
<tr><td>003</td><td>20</td><td><a href="/it">IT</a></td></tr></table>
<h2>Nothing</h2><p>here</p>
</body></html>"""


def read(options: dict[str, object], page: str = PAGE, kind: str = "text/html") -> Reading:
    made = generic_reader(GenericOptions.decode(options))
    return made.read(Payload(body=page.encode(), media_type=f"{kind}; charset=utf-8", url=URL))
