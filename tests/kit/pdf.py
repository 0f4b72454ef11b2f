"""A writer of tiny PDFs for tests: lines of text, and text across the page as stamps are set.

It writes what the format's specification asks of a minimal file (ISO 32000-1, Annex H) and no more:
one of the standard fonts, uncompressed pages, a table of cross references.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal

Way = Literal["text", "letters", "matrix", "form", "turned_form"]
"""How a stamp is set: as one turned text, letter by letter, on turned paper, in a form of its own
whose text is turned, or in a form that is turned itself."""

FONT = b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>"
TOP, STEP = 800, 12


@dataclass(frozen=True)
class Stamp:
    words: str
    degrees: float = 50
    way: Way = "text"


@dataclass
class _File:
    objects: list[bytes] = field(default_factory=list)

    def add(self, content: bytes) -> int:
        self.objects.append(content)
        return len(self.objects)

    def stream(self, operators: str, dictionary: str = "") -> int:
        data = operators.encode("cp1252")
        head = f"<< {dictionary} /Length {len(data)} >>\nstream\n".encode()
        return self.add(head + data + b"\nendstream")

    def written(self, root: int, trailer: str = "") -> bytes:
        out, places = b"%PDF-1.4\n", []
        for number, content in enumerate(self.objects, 1):
            places.append(len(out))
            out += b"%d 0 obj\n%s\nendobj\n" % (number, content)
        table = b"".join(b"%010d 00000 n \n" % place for place in places)
        size = len(places) + 1
        end = (
            f"trailer << /Size {size} /Root {root} 0 R {trailer} >>\nstartxref\n{len(out)}\n%%EOF\n"
        )
        return out + b"xref\n0 %d\n0000000000 65535 f \n" % size + table + end.encode()


def pdf(
    pages: Sequence[Sequence[str]],
    stamp: Stamp | None = None,
    *,
    producer: str = "",
    lock: str = "",
    drawn: str = "",
) -> bytes:
    """Return a PDF with these lines on its pages.

    `producer` goes into its metadata; `lock` is put into the trailer as the dictionary of an
    encryption, which makes it one that does not open; `drawn` are operators of each page that set
    no text.
    """
    file = _File()
    font = file.add(FONT)
    tree = file.add(b"")
    kids = [_page(file, font, tree, lines, stamp, drawn) for lines in pages]
    listed = " ".join(f"{kid} 0 R" for kid in kids)
    file.objects[tree - 1] = f"<< /Type /Pages /Kids [{listed}] /Count {len(kids)} >>".encode()
    root = file.add(f"<< /Type /Catalog /Pages {tree} 0 R >>".encode())
    about = file.add(f"<< /Producer {_string(producer)} >>".encode("cp1252"))
    return file.written(root, f"/Info {about} 0 R {lock}")


def _page(
    file: _File, font: int, tree: int, lines: Sequence[str], stamp: Stamp | None, drawn: str
) -> int:
    fonts = f"/Font << /F1 {font} 0 R >>"
    operators = [
        f"BT /F1 9 Tf 1 0 0 1 50 {TOP - STEP * at} Tm {_string(line)} Tj ET"
        for at, line in enumerate(lines)
    ]
    operators.append(drawn)
    forms = ""
    if stamp is not None:
        operators.append(_stamp_operators(stamp))
        if stamp.way in {"form", "turned_form"}:
            forms = f"/XObject << /W {_form(file, fonts, stamp)} 0 R >>"
    content = file.stream("\n".join(operators))
    return file.add(
        f"<< /Type /Page /Parent {tree} 0 R /MediaBox [0 0 595 842] /Contents {content} 0 R"
        f" /Resources << {fonts} {forms} >> >>".encode()
    )


def _form(file: _File, fonts: str, stamp: Stamp) -> int:
    turn = _turn(stamp, 100, 200) if stamp.way == "form" else "1 0 0 1 0 0"
    box = "/Type /XObject /Subtype /Form /BBox [-900 -900 900 900]"
    operators = f"BT /F1 30 Tf {turn} Tm {_string(stamp.words)} Tj ET"
    return file.stream(operators, f"{box} /Resources << {fonts} >>")


def _stamp_operators(stamp: Stamp) -> str:
    turn = _turn(stamp, 100, 200)
    if stamp.way == "form":
        return "q /W Do Q"
    if stamp.way == "turned_form":
        return f"q {turn} cm /W Do Q"
    if stamp.way == "matrix":
        return f"q {turn} cm BT /F1 30 Tf {_string(stamp.words)} Tj ET Q"
    if stamp.way == "letters":
        return "\n".join(_letter(stamp, at) for at in range(len(stamp.words)))
    return f"BT /F1 30 Tf {turn} Tm {_string(stamp.words)} Tj ET"


def _letter(stamp: Stamp, at: int) -> str:
    angle = math.radians(stamp.degrees)
    turn = _turn(stamp, 60 + 15 * at * math.cos(angle), 60 + 15 * at * math.sin(angle))
    return f"BT /F1 30 Tf {turn} Tm {_string(stamp.words[at])} Tj ET"


def _turn(stamp: Stamp, x: float, y: float) -> str:
    angle = math.radians(stamp.degrees)
    cos, sin = math.cos(angle), math.sin(angle)
    return f"{cos:.4f} {sin:.4f} {-sin:.4f} {cos:.4f} {x:.2f} {y:.2f}"


def _string(text: str) -> str:
    escaped = text.replace("\\", r"\\").replace("(", r"\(").replace(")", r"\)")
    return f"({escaped})"
