"""Laws of what comes from outside: however it is cut, packed or written, nothing gets by."""

from __future__ import annotations

import gzip
from itertools import pairwise

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from kit.clocks import NOON
from watcher.errors import FetchError, FetchRefusedError
from watcher.fetch.decoding import decode
from watcher.fetch.guard import checked_url
from watcher.fetch.pauses import A_DAY, retry_after

PLENTY = 10_000_000


def cut_up(data: bytes, cuts: list[int]) -> list[bytes]:
    edges = [0, *sorted(cut % (len(data) + 1) for cut in cuts), len(data)]
    return [data[start:end] for start, end in pairwise(edges)]


@given(st.lists(st.binary(max_size=2_000), min_size=1, max_size=3), st.lists(st.integers(0, 9_999)))
@example([b""], [])
@example([b"page", b""], [30])
def test_a_gzip_body_comes_out_whole_however_it_is_cut_up(members, cuts):
    data = b"".join(gzip.compress(member) for member in members)

    assert decode(cut_up(data, cuts), "gzip", max_bytes=PLENTY) == b"".join(members)


@given(st.binary(max_size=2_000), st.lists(st.integers(0, 9_999)), st.integers(0, 9_999))
def test_a_gzip_body_without_its_end_is_never_a_page(body, cuts, keep):
    data = gzip.compress(body)
    data = data[: keep % len(data)]

    with pytest.raises(FetchError) as failed:
        decode(cut_up(data, cuts), "gzip", max_bytes=PLENTY)

    assert failed.value.kind == "truncated"


@given(st.binary(max_size=2_000), st.lists(st.integers(0, 9_999)), st.integers(0, 2_000))
def test_a_body_is_whole_or_refused_but_never_shortened_to_the_limit(body, cuts, limit):
    for data, encoding in ((body, ""), (gzip.compress(body), "gzip")):
        chunks = cut_up(data, cuts)
        if len(body) <= limit:
            assert decode(chunks, encoding, max_bytes=limit) == body
            continue
        with pytest.raises(FetchError) as refused:
            decode(chunks, encoding, max_bytes=limit)
        assert refused.value.kind == "too_large"


@given(st.binary(min_size=1, max_size=200), st.lists(st.integers(0, 9_999)))
def test_garbage_in_gzip_s_clothes_is_an_error_of_ours(data, cuts):
    with pytest.raises(FetchError):
        decode(cut_up(data, cuts), "gzip", max_bytes=PLENTY)


@given(st.text(max_size=60))
@example("9" * 10_000)
@example("Mon, 01 Jan 99999 00:00:00 GMT")
@example("Mon, 01 Jan 0001 00:00:00 +2359")
def test_retry_after_is_a_day_at_most_or_nothing(value):
    seconds = retry_after({"retry-after": value}, NOON)

    assert seconds is None or 0 <= seconds <= A_DAY


@given(st.text(max_size=60), st.sampled_from(["", "http://", "https://"]))
@example("xn--a", "http://")
@example("[::1", "http://")
def test_any_text_is_an_address_or_refused(text, scheme):
    try:
        parsed = checked_url(scheme + text)
    except FetchRefusedError:
        return
    assert parsed.scheme in ("http", "https")
    assert parsed.host
    assert "@" not in parsed.authority
