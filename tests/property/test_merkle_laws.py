"""The tree against the definition of RFC 6962, word for word, at every small size."""

from __future__ import annotations

import hashlib
from functools import cache

import pytest
from hypothesis import given
from hypothesis import strategies as st

from watcher.core import merkle
from watcher.errors import ProofError

LEAVES = [merkle.leaf_hash(str(number).encode()) for number in range(600)]
SMALL = 300


def sha256(*parts: bytes) -> bytes:
    return hashlib.sha256(b"".join(parts)).digest()


def split(count: int) -> int:
    """The largest power of two smaller than `count`."""
    power = 1
    while power * 2 < count:
        power *= 2
    return power


@cache
def mth(first: int, last: int) -> bytes:
    """MTH(D[first:last]), RFC 6962 section 2.1."""
    if first == last:
        return sha256(b"")
    if last - first == 1:
        return LEAVES[first]
    k = split(last - first)
    return sha256(b"\1", mth(first, first + k), mth(first + k, last))


def path(index: int, first: int, last: int) -> tuple[bytes, ...]:
    """PATH(m, D[n]), RFC 6962 section 2.1.1."""
    if last - first == 1:
        return ()
    k = split(last - first)
    if index < k:
        return (*path(index, first, first + k), mth(first + k, last))
    return (*path(index - k, first + k, last), mth(first, first + k))


def subproof(m: int, first: int, last: int, *, is_known: bool) -> tuple[bytes, ...]:
    """SUBPROOF(m, D[n], b), RFC 6962 section 2.1.2."""
    if m == last - first:
        return () if is_known else (mth(first, last),)
    k = split(last - first)
    if m <= k:
        return (*subproof(m, first, first + k, is_known=is_known), mth(first + k, last))
    return (*subproof(m - k, first + k, last, is_known=False), mth(first, first + k))


def subtree(level: int, place: int) -> bytes:
    return mth(place << level, (place + 1) << level)


def flipped(each: bytes) -> bytes:
    return bytes([each[0] ^ 1]) + each[1:]


def test_the_root_is_the_definition_at_every_small_size():
    frontier = merkle.Frontier()
    for size in range(SMALL + 1):
        assert merkle.root(size, subtree) == mth(0, size), size
        assert frontier.root() == mth(0, size), size
        ended = frontier.add(LEAVES[size])
        assert ended == [
            mth((size + 1 >> level) - 1 << level, size + 1) for level in range(len(ended))
        ]


def test_every_leaf_of_every_small_tree_is_proven_as_the_definition_says():
    for size in range(1, SMALL + 1, 7):
        for index in range(size):
            proof = merkle.inclusion_proof(index, size, subtree)

            assert proof == path(index, 0, size)
            assert merkle.includes(LEAVES[index], index, size, proof, mth(0, size))


def test_every_small_tree_is_proven_to_be_the_beginning_of_every_larger_one():
    for new in range(SMALL + 1):
        for old in range(0, new + 1, 1 if new < 70 else 11):
            proof = merkle.consistency_proof(old, new, subtree)

            expected = subproof(old, 0, new, is_known=True) if 0 < old < new else ()
            assert proof == expected, (old, new)
            assert merkle.extends(old, mth(0, old), new, mth(0, new), proof), (old, new)


sizes = st.integers(2, 599)


@given(st.data(), sizes)
def test_a_proof_of_anything_else_fails(data, size):
    index = data.draw(st.integers(0, size - 1))
    proof, root = merkle.inclusion_proof(index, size, subtree), mth(0, size)
    other = data.draw(st.integers(0, size - 1).filter(lambda each: each != index))
    which = data.draw(st.integers(0, len(proof) - 1))
    bent = (*proof[:which], flipped(proof[which]), *proof[which + 1 :])

    assert merkle.includes(LEAVES[index], index, size, proof, root)
    assert not merkle.includes(LEAVES[other], index, size, proof, root)
    assert not merkle.includes(LEAVES[index], other, size, proof, root)
    assert not merkle.includes(LEAVES[index], index, size, bent, root)
    assert not merkle.includes(LEAVES[index], index, size, proof[:-1], root)
    assert not merkle.includes(LEAVES[index], index, size, (*proof, root), root)
    assert not merkle.includes(LEAVES[index], index, size, proof, flipped(root))
    assert not merkle.includes(LEAVES[index], index + size, size, proof, root)


@given(st.data(), sizes)
def test_a_rewritten_beginning_is_not_the_beginning(data, new):
    old = data.draw(st.integers(1, new - 1))
    proof = merkle.consistency_proof(old, new, subtree)
    roots = mth(0, old), mth(0, new)
    other = data.draw(st.integers(1, new).filter(lambda each: each != old))
    which = data.draw(st.integers(0, len(proof) - 1))
    bent = (*proof[:which], flipped(proof[which]), *proof[which + 1 :])

    assert merkle.extends(old, roots[0], new, roots[1], proof)
    assert not merkle.extends(old, flipped(roots[0]), new, roots[1], proof)
    assert not merkle.extends(old, roots[0], new, flipped(roots[1]), proof)
    assert not merkle.extends(old, roots[0], new, roots[1], bent)
    assert not merkle.extends(old, roots[0], new, roots[1], proof[:-1])
    assert not merkle.extends(old, roots[0], new, roots[1], (*proof, roots[0]))
    assert not merkle.extends(other, roots[0], new, roots[1], proof)


def test_trees_that_are_equal_or_empty_need_no_path():
    assert merkle.extends(5, mth(0, 5), 5, mth(0, 5), ())
    assert not merkle.extends(5, mth(0, 5), 5, mth(0, 6), ())
    assert not merkle.extends(5, mth(0, 5), 5, mth(0, 5), (mth(0, 1),))
    assert merkle.extends(0, merkle.EMPTY, 5, mth(0, 5), ())
    assert not merkle.extends(0, mth(0, 1), 5, mth(0, 5), ())
    assert not merkle.extends(6, mth(0, 6), 5, mth(0, 5), ())
    assert merkle.tree_root(LEAVES[:37]) == mth(0, 37)


@pytest.mark.parametrize(("index", "size"), [(0, 0), (5, 5), (-1, 5)])
def test_a_leaf_that_is_not_there_is_not_proven(index, size):
    with pytest.raises(ProofError, match="has no leaf"):
        merkle.inclusion_proof(index, size, subtree)


def test_a_leaf_behind_the_end_is_in_no_tree_not_even_in_one_of_its_own_hash():
    assert merkle.includes(LEAVES[0], 0, 1, (), LEAVES[0])
    assert not merkle.includes(LEAVES[0], 1, 1, (), LEAVES[0])
    assert not merkle.includes(LEAVES[0], -1, 1, (), LEAVES[0])


@pytest.mark.parametrize("old", [1, 3, 4])
def test_without_any_hash_no_larger_tree_is_proven_to_begin_so(old):
    assert not merkle.extends(old, mth(0, old), 5, mth(0, 5), ())


def test_a_larger_tree_is_not_the_beginning_of_a_smaller_one():
    with pytest.raises(ProofError, match="is not the beginning"):
        merkle.consistency_proof(6, 5, subtree)


def test_the_known_trees_of_certificate_transparency_come_out():
    told = ("", "00", "10", "2021", "3031", "40414243", "5051525354555657")
    data = [*map(bytes.fromhex, told), bytes(range(0x60, 0x70))]
    leaves = [merkle.leaf_hash(each) for each in data]

    assert merkle.tree_root(leaves[:1]).hex() == (
        "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d"
    )
    assert merkle.tree_root(leaves).hex() == (
        "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328"
    )


def test_the_root_of_no_leaves_is_the_digest_of_nothing():
    assert merkle.tree_root([]) == sha256()
