"""Play the first minutes of somebody new and write what was seen into docs/first-ten-minutes.md.

    make transcript                     # with the wheel of `make release-check`, installed anew

Everything in the transcript was printed by the program in that run; times are those of the machine
it ran on. A site and a mail server on the loopback stand in for EMA and for one's own.
"""

from __future__ import annotations

import getpass
import os
import re
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))

from kit.ema_site import EmaSite  # noqa: E402
from kit.first_minutes import FirstMinutes, shown  # noqa: E402
from kit.receivers import Mailbox  # noqa: E402
from release.check import VERSIONS, install, pythons  # noqa: E402

DOCUMENT = HERE.parent / "docs" / "first-ten-minutes.md"
BEGIN, END = "<!-- the transcript begins -->\n", "<!-- the transcript ends -->\n"


def main(wheel: Path) -> None:
    """Install, play, write."""
    python = next(found for version, found in pythons() if found and version == VERSIONS[1])
    with tempfile.TemporaryDirectory(prefix="watcher-first-") as name, EmaSite() as site:
        folder = Path(name) / "watcher"
        folder.mkdir()
        began = time.monotonic()
        program = install(wheel, python, Path(name) / "environment", "all") / "watcher"
        seconds = time.monotonic() - began
        site.publish()
        with Mailbox() as box:
            minutes = FirstMinutes(program, folder, site, box)
            news = minutes.play()
        told = [
            f"$ python3 -m venv .venv && .venv/bin/pip install './{wheel.name}[all]'",
            f"       ({seconds:.0f} s; {os.cpu_count()} cores, load {os.getloadavg()[1]:.0f})",
            "",
            *shown(minutes.steps, folder),
        ]
        text = re.sub(rf":{site.port}\b", ":8000", "\n".join(told))
        text = re.sub(rf":{box.port}\b", ":2525", text)
        text = text.replace(f"{getpass.getuser()}@{socket.gethostname()}", "anna@pharmacy")
        mail = re.sub(rf":{site.port}\b", ":8000", news.text).strip()
    parts = [BEGIN, "```console\n", text.strip(), "\n```\n\nThe first mail that is news:\n\n"]
    parts += ["```text\n", f"Subject: {news.subject}\n\n", mail, "\n```\n", END]
    before, _, rest = DOCUMENT.read_text(encoding="utf-8").partition(BEGIN)
    after = rest.partition(END)[2]
    DOCUMENT.write_text("".join([before, *parts, after]), encoding="utf-8")
    whole = max(step.began + step.seconds for step in minutes.steps)
    sys.stdout.write(f"{seconds:.0f} s to install, {whole:.0f} s to the end; {DOCUMENT}\n")


if __name__ == "__main__":
    built = sorted((HERE.parent / "dist").glob("watcher-*.whl"))
    if len(built) != 1:
        subprocess.run([sys.executable, HERE / "release" / "check.py"], check=True)
        built = sorted((HERE.parent / "dist").glob("watcher-*.whl"))
    main(built[-1])
