"""The chain: a row's hash is over exact bytes, so that anyone can compute it again."""

from __future__ import annotations

from hashlib import sha256

import pytest

from watcher.core.chain import GENESIS, row_hash

COLUMNS = (1, "ema/medicine", "observed")


def test_a_rows_hash_is_over_the_hash_before_it_a_line_a_column_and_the_stored_bytes():
    told = sha256(GENESIS.encode() + b"\n1\nema/medicine\nobserved\n" + b'{"a":"\xc3\xa9"}')

    assert row_hash(GENESIS, COLUMNS, b'{"a":"\xc3\xa9"}') == told.hexdigest()


def test_before_the_first_row_there_are_64_zeros():
    assert GENESIS == "0" * 64


@pytest.mark.parametrize(
    "changed",
    [
        ("1" * 64, COLUMNS, b"{}"),
        (GENESIS, (2, *COLUMNS[1:]), b"{}"),
        (GENESIS, COLUMNS, b"{ }"),
    ],
)
def test_whatever_of_a_row_is_rewritten_its_hash_is_another(
    changed: tuple[str, tuple[str | int, ...], bytes],
):
    assert row_hash(*changed) != row_hash(GENESIS, COLUMNS, b"{}")
