"""Inputs that once broke a reader, found by `tests/fuzz` and made small."""

from __future__ import annotations

import json
import os
import re
import resource
import subprocess
import sys
import tracemalloc
from collections.abc import Callable
from pathlib import Path

import pytest

from fuzz.soundness import check_refusal, check_sound
from kit import ema_tables
from kit.feeds import epar, feed, item
from kit.pdf import pdf
from kit.register import a_product, line, name_line
from watcher.core.facts import Reading
from watcher.core.identity import canonical_address, slug
from watcher.errors import ReadError
from watcher.readers.blocks import absolute
from watcher.readers.reader import Payload
from watcher.readers.registry import reader

GOLDEN = Path(__file__).parents[1] / "golden"
ARTICLE = (GOLDEN / "encyclopedia" / "withdrawn_text.txt").read_text(encoding="utf-8")
APPROVAL = (GOLDEN / "medpath_approval" / "two_authorisations.txt").read_text(encoding="utf-8")
LIBRARY = (GOLDEN / "research_library" / "two_topics_page.html").read_text(encoding="utf-8")
URL = "https://agency.example/page.htm"
HALF = "\ud800"
HARDLY_ANY_SECONDS = 3.0


def read(name: str, body: str | bytes, media_type: str = "") -> Reading:
    """Read a body; whatever comes of it must be what can be kept."""
    raw = body.encode() if isinstance(body, str) else body
    try:
        reading = reader(name).read(Payload(body=raw, media_type=media_type, url=URL))
    except ReadError as error:
        check_refusal(error)
        raise
    check_sound(reading)
    return reading


def refused(name: str, body: str | bytes, media_type: str = "") -> str:
    with pytest.raises(ReadError) as raised:
        read(name, body, media_type)
    return str(raised.value)


def seconds_of(work: Callable[[], object]) -> float:
    """The processor's seconds that reading takes, be it read or refused."""
    before = resource.getrusage(resource.RUSAGE_SELF).ru_utime
    try:
        work()
    except ReadError as error:
        check_refusal(error)
    return resource.getrusage(resource.RUSAGE_SELF).ru_utime - before


def value(reading: Reading, path: str) -> object:
    return reading.records[0].state().get(path)


def test_a_workbook_whose_directory_leads_before_the_file_is_refused():
    book = ema_tables.a_workbook([ema_tables.a_medicine()], ema_tables.NEW_HEADINGS)

    assert "a whole Excel workbook" in refused("ema_medicines", b"PK\x03\x04" + book[4000:])


def test_a_part_that_unpacks_to_more_than_it_says_takes_no_memory():
    zeros = bytes(200_000_000)
    book = ema_tables.a_workbook([ema_tables.a_medicine()], ema_tables.NEW_HEADINGS)
    bomb = ema_tables.repacked(book, {"xl/styles.xml": zeros})
    liar = bomb.replace(len(zeros).to_bytes(4, "little"), (1_000_000).to_bytes(4, "little"))

    tracemalloc.start()
    assert refused("ema_medicines", liar)
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert most < 30_000_000


def test_brackets_without_end_in_a_box_take_no_time():
    article = ARTICLE.replace("Legal Uk: POM", f"Legal Uk: {'(' * 100_000}")

    assert seconds_of(lambda: read("encyclopedia", article)) < HARDLY_ANY_SECONDS


def test_what_is_explained_in_brackets_is_no_part_of_a_boxs_value():
    article = ARTICLE.replace("Legal Uk: POM", "Legal Uk: POM (prescription) (only)")

    assert value(read("encyclopedia", article), "supply_status[UK]") == "POM"


@pytest.mark.parametrize(
    "answer",
    [
        {"parse": {"title": "Testol", "text": f"<p>Testol is a medicine{HALF}.</p>"}},
        {"parse": {"title": f"Testol{HALF}", "text": f"<p>Testol{HALF} is a medicine.</p>"}},
        {"source": f"Testol is a medicine{HALF}.", "title": "Testol", "latest": {"id": HALF}},
        {"source": "Testol is a medicine.", "title": "Testol", "latest": {"timestamp": HALF}},
    ],
    ids=["in the page", "in the title", "in the source", "in the time"],
)
def test_half_a_surrogate_pair_in_an_answer_is_read_as_a_replacement(answer: dict[str, object]):
    reading = read("encyclopedia", json.dumps(answer), "application/json")

    assert reading.records[0].subject.id.startswith("testol")


@pytest.mark.parametrize("title", [{"a": 1}, ["Testol"], True, None, "\u200b", "\x00 (drug)"])
def test_a_title_that_is_no_text_names_no_substance(title: object):
    answer = {"source": "Testol is a medicine.", "title": title, "latest": {}}

    assert refused("encyclopedia", json.dumps(answer), "application/json")


def test_the_name_of_a_trials_arm_becomes_a_key_in_ascii():
    article = ARTICLE.replace("given examplestrocel", "given examplestrocél-β")

    arms = value(read("encyclopedia", article), "study[SAMPLE].n_arm")
    assert arms == {"examplestrocel-\\u03b2": 101, "placebo": 99}


def test_a_number_of_patients_beyond_all_people_is_no_number_of_patients():
    article = ARTICLE.replace("101 patients", f"{'9' * 30} patients")

    assert value(read("encyclopedia", article), "study[SAMPLE].n_arm") == {"placebo": 99}


@pytest.mark.parametrize("day", ["31 February 2032", "5 Febzuary 2032"])
def test_an_article_last_edited_on_a_day_that_is_none_is_read(day: str):
    reading = read("encyclopedia", f"{ARTICLE}\n\nThis page was last edited on {day}.")

    assert reading.published == ""


def test_a_character_reference_of_a_million_digits_is_no_character():
    entries = [name_line(f"Testol &#{'9' * 5000};"), line("eu_num", "EU/1/17/1261")]

    reading = read("union_register", a_product(entries))

    assert value(reading, "product.brand_name") == "Testol \ufffd"


def test_a_refusal_quotes_a_page_shortly_and_in_what_can_be_stored():
    page = a_product([line(f"a{'b' * 3000}HALF", "x")]).replace(b"HALF", rb"\ud800")

    assert len(refused("union_register", page)) < 1500


def test_a_letter_that_only_looks_like_a_labels_makes_no_key():
    title = epar("Testol, a,b, Date of opinİon: 08/02/2018, Status: Lapsed")

    assert value(read("ema_feed", feed([item(title)])), "item[epar|testol||lapsed]")


@pytest.mark.parametrize("address", ["http://[", "https://[x]/a.pdf", "https://[::1"])
def test_an_address_that_is_none_is_kept_as_printed(address: str):
    assert canonical_address(address) == address
    assert slug(address) == address.rpartition("/")[2]
    announced = read("ema_feed", feed([item("Something else", link=address)]))
    assert len(announced.records[0].facts) == 2
    assert read("research_library", LIBRARY.replace('href="', f'href="{address}" x="'))


def test_a_link_to_no_address_on_an_aggregators_page_is_read_over():
    title = "Exemplar : EPAR - Public assessment report"
    page = APPROVAL.replace(f"\n{title}\n", f"\n[{title}](http://[x.pdf)\n")

    reading = read("medpath_approval", page, "text/markdown")

    assert len(reading.records) == 2


def test_one_authorisation_printed_twice_is_never_two_histories():
    page = APPROVAL.replace("EMEA/H/C/009998", "EMEA/H/C/009999")

    assert "each authorisation once" in refused("medpath_approval", page)


@pytest.mark.parametrize(
    "page",
    ["<div>" * 60_000 + "</div>" * 60_000, "<botyle></head>" * 60_000, "<ul><li>" * 40_000],
    ids=["closed in the end", "closed by another's name", "lists in lists"],
)
def test_a_page_nested_beyond_all_pages_is_refused_before_it_is_parsed(page: str):
    hostile = f"<!DOCTYPE html><html><head></head><body>{page}"

    assert seconds_of(lambda: read("generic", hostile, "text/html")) < HARDLY_ANY_SECONDS


@pytest.mark.parametrize(
    "line",
    [
        f"# a{' ' * 5_000}b",
        f"- **a**{' ' * 60_000}b",
        "<!--" * 50_000 + "&",
    ],
    ids=["heading", "label", "comments"],
)
def test_a_line_of_markdown_without_end_takes_no_time(line: str):
    assert seconds_of(lambda: read("generic", f"# T\n\n{line}\n", "text/markdown")) < (
        HARDLY_ANY_SECONDS
    )


def test_a_link_that_is_never_closed_takes_no_time_in_the_blocks_after_it():
    page = f"<!DOCTYPE html><html><body><a href='{'a/' * 60_000}'>{'<p>word' * 20_000}</html>"

    assert seconds_of(lambda: read("generic", page, "text/html")) < HARDLY_ANY_SECONDS


def test_a_heading_of_plain_text_without_end_takes_no_time():
    text = f"== a{' ' * 60_000}b"

    assert seconds_of(lambda: read("generic", text, "text/plain")) < HARDLY_ANY_SECONDS


@pytest.mark.parametrize(
    "source",
    ["[http://" * 20_000, "{{Infobox drug\n| " + " " * 5_000 + "\n}}", "<ref" * 50_000],
    ids=["links", "parameter", "references"],
)
def test_wikitext_without_end_takes_no_time(source: str):
    answer = json.dumps({"source": source, "title": "Testol"})

    assert seconds_of(lambda: read("encyclopedia", answer)) < HARDLY_ANY_SECONDS


def test_a_string_without_end_in_a_pages_data_takes_no_time():
    page = a_product([]).replace(b"[", b'["' + b'\\"' * 60_000, 1)

    assert seconds_of(lambda: read("union_register", page)) < HARDLY_ANY_SECONDS


def test_a_topic_that_a_library_has_twice_is_never_two_histories():
    names = re.findall(r"<h2[^>]*>(.*?)</h2>", LIBRARY)
    page = LIBRARY.replace(names[-1], names[-2])

    assert "each topic once" in refused("research_library", page)


def test_translations_into_no_language_leave_their_row_unread():
    golden = json.loads((GOLDEN / "ema_documents" / "documents.json").read_text(encoding="utf-8"))
    [row] = [row for row in golden["data"] if row.get("translations")][:1]
    rows = [{**row, "id": str(number), "translations": {}} for number in range(1, 60)]
    row["translations"] = {"é": "https://agency.example/e.pdf"}

    reading = read("ema_documents", json.dumps({"data": [row, *rows]}), "application/json")

    assert any("addresses by language" in note for note in reading.unknown)


@pytest.mark.parametrize("addresses", [("https://a.example/",), ("/a/x", "/b/x")])
def test_rows_without_a_name_of_their_own_are_noted_and_not_read(addresses: tuple[str, ...]):
    golden = json.loads((GOLDEN / "ema_dhpc" / "outcomes.json").read_text(encoding="utf-8"))
    row = golden["data"][0]
    rows = [{**row, "dhpc_url": f"/dhpc/{number}"} for number in range(60)]
    rows += [{**row, "dhpc_url": address} for address in addresses]

    reading = read("ema_dhpc", json.dumps({"data": rows}), "application/json")

    assert len(reading.records) == 60 + len(addresses) - 1
    assert any("a name that no other row has" in note for note in reading.unknown)


@pytest.mark.parametrize("charset", ["unicode_escape", "utf-7", "undefined", "idna", "punycode"])
def test_a_page_in_no_pages_encoding_is_read_in_utf_8(charset: str):
    page = ARTICLE.replace("Tradename: Exemplar", "Tradename: Exemplar\\ud800 é")

    reading = read("encyclopedia", page, f"text/plain; charset={charset}")

    assert value(reading, "product.brand_name") == "Exemplar\\ud800 é"


@pytest.mark.skipif(not Path("/bin/sh").exists(), reason="limits are set by a shell")
def test_a_pdf_is_read_under_a_stricter_limit_than_our_own():
    command = f'ulimit -v 1800000 && exec "{sys.executable}" -m watcher.readers.pdf_extract'

    done = subprocess.run(
        ["/bin/sh", "-c", command],
        input=pdf([["A letter."]]),
        capture_output=True,
        check=False,
        env={"PATH": os.defpath},
    )

    assert done.returncode == 0, done.stderr[-300:].decode()
    assert json.loads(done.stdout)["pages"][0]["text"].strip() == "A letter."


def test_an_address_beyond_all_addresses_is_joined_to_no_link():
    far = "../" * 20_000

    assert absolute("https://x.example/a/b", far) == far
    assert absolute("https://x.example/a/b", "../c") == "https://x.example/c"
