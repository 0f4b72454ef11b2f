"""What is proposed for a page of one's own is an entry that reads it."""

from __future__ import annotations

from kit.own_page import PAGE, URL, read
from watcher.readers.generic_proposal import propose
from watcher.readers.reader import Payload


def test_a_proposal_names_the_labels_and_lists_of_the_page():
    proposed = propose(Payload(body=PAGE.encode(), media_type="text/html", url=URL))

    assert proposed == {
        "facts": [
            {"path": "stated.status", "label": "Status"},
            {"path": "stated.withdrawn_on", "label": "Withdrawn on", "kind": "date"},
            {"path": "stated.orphan", "label": "Orphan", "kind": "flag"},
            {"path": "stated.substances", "label": "Substances", "kind": "list"},
            {"path": "stated.packs_sold", "label": "Packs sold"},
        ],
        "lists": [
            {"path": "news", "below": "News", "key": "url", "least": 1},
            {"path": "packs", "below": "Packs", "key": "code", "least": 2},
        ],
    }


def test_a_proposal_is_an_entry_that_reads_its_page():
    payload = Payload(body=PAGE.encode(), media_type="text/html", url=URL)
    told = read(propose(payload)).records[0].state()

    assert told["stated.withdrawn_on"] == "2024-12-13"
    assert len(told) == 5 + 3 + 3


def test_a_date_that_could_be_two_is_proposed_as_text():
    page = "<dl><dt>A<dd>03/04/2018<dt>B<dd>13/04/2018<dt>C<dd>04/13/2018</dl>"
    proposed = propose(Payload(body=page.encode(), media_type="text/html"))

    assert [(rule.get("kind"), rule.get("order")) for rule in proposed["facts"]] == [
        (None, None),
        ("date", "day_first"),
        ("date", "month_first"),
    ]


def test_a_page_of_prose_proposes_nothing():
    page = "<html><body><h1>Testol</h1><p>Words and nothing else.</p></body></html>"

    assert propose(Payload(body=page.encode(), media_type="text/html")) == {}


def test_two_labels_that_come_to_one_path_are_proposed_once():
    page = "<dl><dt>Size of pack<dd>10<dt>Size (of pack)<dd>20</dl>"
    proposed = propose(Payload(body=page.encode(), media_type="text/html"))

    assert [rule["label"] for rule in proposed["facts"]] == ["Size of pack"]


def test_a_list_that_its_rule_cannot_read_is_not_proposed():
    pairs = ["ax", "ay", "bx", "by"]  # neither column tells its rows apart
    rows = "".join(f"<tr><td>{one}</td><td>{other}</td></tr>" for one, other in pairs)
    page = f"<h2>Notes</h2><table><tr><th>One</th><th>Other</th></tr>{rows}</table>"
    proposed = propose(Payload(body=page.encode(), media_type="text/html"))

    assert "lists" not in proposed


def test_lists_below_headings_that_differ_by_a_year_alone_have_paths_of_their_own():
    things = "".join(f"<li>Thing {number}</li>" for number in "abc")
    page = "".join(f"<h2>News {year}</h2><ul>{things}</ul>" for year in (2025, 2026))
    proposed = propose(Payload(body=page.encode(), media_type="text/html"))

    assert [rule["path"] for rule in proposed["lists"]] == ["news", "news_"]
