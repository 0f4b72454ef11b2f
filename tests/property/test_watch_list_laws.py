"""Laws of watch lists: how a name is written does not decide whether somebody is told."""

from __future__ import annotations

import unicodedata

from hypothesis import assume, given
from hypothesis import strategies as st

from kit.watching import ALOFISEL, stating
from watcher.core.text import squash
from watcher.core.watch_list import Match, WatchList, judge, matches

letters = "abcdefghijklmnopqrstuvwxyz"
words = st.text(letters + "éèüöåçñ", min_size=4, max_size=12)
codes = st.builds("{}{}".format, st.text(letters, min_size=2, max_size=3), st.integers(100, 9999))
spellings = st.sampled_from((str.upper, str.lower, str.title, str.swapcase))
FORMS = ("A/S", "GmbH", "B.V.", "N. V.", "S.A.U.", "Ltd.", "Limited", "S.r.l.", "AB", "s.r.o.", "")


def is_on(state, **filters):
    return isinstance(judge(WatchList(id="mine", **filters), ALOFISEL, state), Match)


@given(codes, st.sampled_from(("-", " ", "\N{NON-BREAKING HYPHEN}", ".", "")), spellings)
def test_a_code_may_be_written_with_any_mark_between(code, mark, spelt):
    head = code.rstrip("0123456789")
    written = spelt(f"{head}{mark}{code[len(head) :]}")

    assert is_on(stating(synonym=code), substances=(written,))
    assert is_on(stating(synonym=written), substances=(code,))


@given(words, spellings, st.sampled_from(("NFC", "NFD")))
def test_case_and_accents_of_a_name_do_not_count(name, spelt, form):
    plain = "".join(
        each for each in unicodedata.normalize("NFD", name) if not unicodedata.combining(each)
    )
    written = unicodedata.normalize(form, spelt(name))

    assert is_on(stating(brand_name=written), products=(plain,))
    assert is_on(stating(inn=[plain]), substances=(written,))


@given(st.lists(words, min_size=2, max_size=4, unique_by=squash), st.randoms(), st.data())
def test_the_order_of_a_combination_does_not_count(names, random, data):
    shuffled = random.sample(names, len(names))
    mark = data.draw(st.sampled_from((" / ", "/", " + ", "; ")))

    for state in (stating(inn=mark.join(names)), stating(inn=list(names))):
        assert is_on(state, substances=(mark.join(shuffled),))
        assert all(is_on(state, substances=(name,)) for name in names)


@given(words, words)
def test_a_former_name_finds_what_the_present_one_does(now, before):
    state = stating(brand_name=f"{now} (previously {before})")

    assert is_on(state, products=(now,))
    assert is_on(state, products=(before,))


@given(words, st.sampled_from(FORMS), st.sampled_from(FORMS), spellings)
def test_a_holder_is_one_whatever_its_legal_form(name, form, other, spelt):
    assume(squash(name) not in {squash(each) for each in FORMS})
    holder = {"authorisation[EU].holder": f"{spelt(name)} {form}".strip()}

    assert is_on(holder, holders=(f"{name}, {other}".rstrip(", "),))


@given(words, words)
def test_a_beginning_of_a_name_is_not_the_name(name, more):
    longer = name + more

    assert not is_on(stating(inn=[longer]), substances=(name,))
    assert not is_on(stating(brand_name=longer), products=(name,))


@given(st.lists(words, max_size=4), st.lists(words, max_size=4), words)
def test_another_value_in_a_filter_never_makes_a_list_shorter(stated, wanted, another):
    assume(wanted)
    state = stating(inn=stated)
    narrow = WatchList(id="mine", substances=tuple(wanted))
    wide = WatchList(id="mine", substances=(*wanted, another))

    assert matches(wide, ALOFISEL, state) or not matches(narrow, ALOFISEL, state)
