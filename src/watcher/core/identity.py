"""Identities: when two spellings name one product, one document, one organisation.

Keys follow EMA's own numbers; a number that is not well formed is never repaired by guessing.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from urllib.parse import SplitResult, urlsplit

from watcher.core.facts import Value
from watcher.core.text import fold, squash, tidy, without_accents

_PRODUCT_NUMBER = re.compile(r"(?:EMEA/)?([HV])[/-]([A-Z])[/-](\d{3,6})", re.IGNORECASE)
_ATC = re.compile(r"[A-Z](?:\d{2}(?:[A-Z](?:[A-Z](?:\d{2})?)?)?)?")
_ATC_VET = re.compile(r"Q[A-Z](?:\d{2}(?:[A-Z](?:[A-Z](?:\d{2})?)?)?)?")
_PROCEDURE = re.compile(r"([HV])-([A-Z])-(\d{3,6})-(II|IB|IA|N|PSUSA|R|X|WS)-(\d+)(?:-([A-Z]+))?")


def product_number(text: str) -> str | None:
    """Return an EMA product number in its one form, or None where `text` is not one.

    `EMEA/H/C/004258`, `H-C-4258` and `EMEA/H/C/004258 ` are the same number. `H/C/002840/N/0049`
    is a procedure and `EMEA/H/C005201` is damaged: neither is a product.
    """
    match = _PRODUCT_NUMBER.fullmatch(tidy(text))
    if match is None:
        return None
    return f"EMEA/{match[1].upper()}/{match[2].upper()}/{int(match[3]):06d}"


def procedure_of(title: str) -> str | None:
    """Return the procedure a document's title names, `EMEA/H/C/004258/II/0051/G`, or None."""
    match = _PROCEDURE.search(title)
    if match is None:
        return None
    number = f"EMEA/{match[1]}/{match[2]}/{int(match[3]):06d}/{match[4]}/{match[5]}"
    return f"{number}/{match[6]}" if match[6] else number


def is_atc_code(text: str) -> bool:
    """Return whether `text` is an ATC or ATCvet code of any level."""
    return bool(_ATC.fullmatch(text) or _ATC_VET.fullmatch(text))


def alias_key(name: str) -> str:
    """Return the key two spellings of a name share: `CX-601` and `Cx601` are `cx601`.

    Shorter than four characters it would be too greedy, and the folded name stands.
    """
    key = squash(name)
    return key if len(key) >= 4 else fold(name)


def split_address(url: str) -> SplitResult:
    """Return the parts of an address; what is none, such as `http://[`, is all path."""
    try:
        return urlsplit(url)
    except ValueError:
        return SplitResult("", "", url, "", "")


def slug(url: str) -> str:
    """Return the last part of an address: `alofisel`. An attribute of a product, never its key."""
    return split_address(url).path.rstrip("/").rpartition("/")[2]


def normal_title(title: str) -> str:
    """Return a document's title as its identity sees it: folded, no space before a colon."""
    return fold(title).replace(" :", ":")


def canonical_address(url: str) -> str:
    """Return the address a document is known by: https, host folded, no query, suffixes kept.

    `…_en.pdf` and `…_en.pdf-0` may be documents of different products, so `-0` stays.
    """
    parts = split_address(url)
    return f"https://{parts.netloc.casefold()}{parts.path}" if parts.netloc else parts.path


def document_key(
    *, source_id: str = "", reference: str = "", url: str = "", title: str = "", stated: str = ""
) -> str:
    """Return the key of a document: the first of id, reference number, address, title and date."""
    if source_id:
        return f"id:{source_id}"
    if reference:
        return fold(reference).upper()
    if url:
        return canonical_address(url)
    return f"{normal_title(title)}|{stated}" if stated else normal_title(title)


_LEGAL_FORMS = {
    **{form: form for form in ("ab", "ag", "aps", "as", "bv", "co", "dac", "dd", "doo", "eeig")},
    **{form: form for form in ("gmbh", "kft", "kg", "llc", "nv", "oy", "oyj", "plc", "sa", "sas")},
    **{form: form for form in ("se", "sl", "slu", "spa", "spzoo", "srl", "uc")},
    **{form: form for form in ("aktiebolag", "bvba", "ehf", "ks", "lda", "llp", "mbh", "sarl")},
    **{form: form for form in ("sau", "sprl", "sro")},
    "corp": "corp",
    "corporation": "corp",
    "inc": "inc",
    "incorporated": "inc",
    "limited": "ltd",
    "ltd": "ltd",
}
"""Legal forms as they are written, and the one form each is compared by."""
_AFTER_WORD = re.compile(r"(?<=\w\w)\.(?=\w)")
"""A dot that ends an abbreviation and stands for a space: `Co.KG`."""
_LETTERS = re.compile(r"\b[a-z0-9](?: [a-z0-9])+\b")
_SP_Z_O_O = re.compile(r"\bsp z ?oo\b")


def organisation_key(name: str) -> str:
    """Return the key of an organisation: `Takeda Pharma A/S` and `Takeda Pharma` share it."""
    return _organisation(name)[0]


def _organisation(name: str) -> tuple[str, list[str]]:
    """Return an organisation's name without accents and legal forms, and its legal forms.

    `N.V. Organon`, `Organon N. V.` and `Organon NV` are one; dots and spaces do not count.
    """
    plain = re.sub(r"[./]", "", _AFTER_WORD.sub(" ", without_accents(name)))
    plain = _LETTERS.sub(lambda letters: letters[0].replace(" ", ""), re.sub(r"\W+", " ", plain))
    words = _SP_Z_O_O.sub("spzoo", plain).split()
    forms: list[str] = []
    while len(words) > 1 and words[-1] in _LEGAL_FORMS:
        forms.append(_LEGAL_FORMS[words.pop()])
    while len(words) > 1 and words[0] in {"nv", "bv", "sa", "ab"}:
        forms.append(_LEGAL_FORMS[words.pop(0)])
    return "".join(words), sorted(forms)


def same_holder(before: Value, after: Value) -> bool:
    """Return whether two holder values name one organisation.

    A legal form that one of them leaves out says nothing; two different ones (Eisai Ltd, Eisai
    GmbH) are two legal entities, and a move between them is a transfer.

    A value is `{"name": …, "text": name and address as far as printed}`. Some renderings print
    name and address without a mark between them, so a name that begins the other's text counts.
    """
    one, other = _holder(before), _holder(after)
    (key, form), (other_key, other_form) = map(_organisation, (one["name"], other["name"]))
    if key == other_key:
        return not (form and other_form) or form == other_form
    if one["text"] == one["name"] and other["text"] == other["name"]:
        return False
    first, second = squash(one["name"]), squash(other["name"])
    return bool(first and second) and (
        squash(other["text"]).startswith(first) or squash(one["text"]).startswith(second)
    )


def _holder(value: Value) -> dict[str, str]:
    stated = value if isinstance(value, Mapping) else {"name": value}
    name = str(stated.get("name") or "")
    return {"name": name, "text": str(stated.get("text") or name)}
