"""The tree over the log (RFC 6962, section 2.1; RFC 9162, section 2.1): one root for all of it.

With a root that someone kept, an event is shown to stand in the log by some twenty hashes, and a
log of today to begin with the log of then, without handing out the rest.

Every part of the tree is made of *whole subtrees*: 2 to the power of `level` leaves, beginning at a
multiple of as many. Where they come from is the caller's: hashed from rows, or kept beforehand.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Sequence
from typing import TypeAlias

from watcher.errors import ProofError

Subtree: TypeAlias = Callable[[int, int], bytes]
"""Given a level and a place, the root of the whole subtree of leaves `place << level` onwards."""

EMPTY = hashlib.sha256().digest()
"""The root of a tree without leaves."""


def leaf_hash(leaf: bytes) -> bytes:
    """Return the hash of one leaf; its prefix keeps it from being taken for a node."""
    return hashlib.sha256(b"\x00" + leaf).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """Return the hash of the node above `left` and `right`."""
    return hashlib.sha256(b"\x01" + left + right).digest()


class Frontier:
    """A tree that grows by one leaf at a time and keeps only the subtrees that are not joined yet.

    A log of a million leaves needs twenty hashes.
    """

    def __init__(self) -> None:
        self.size = 0
        self._whole: list[bytes] = []

    def add(self, leaf: bytes) -> list[bytes]:
        """Add a leaf's hash; return the whole subtrees it ends, from itself upwards."""
        ended = [leaf]
        size = self.size
        while size & 1:
            ended.append(node_hash(self._whole.pop(), ended[-1]))
            size >>= 1
        self._whole.append(ended[-1])
        self.size += 1
        return ended

    def root(self) -> bytes:
        """Return the root of the tree so far."""
        return _joined(self._whole)


def tree_root(leaves: Iterable[bytes]) -> bytes:
    """Return the root of a tree of these leaves' hashes."""
    level, sha256 = list(leaves), hashlib.sha256
    if not level:
        return EMPTY
    while len(level) > 1:
        # `node_hash` written out: a call for each node costs as much as its hash
        pairs = zip(level[::2], level[1::2], strict=False)
        above = [sha256(b"\x01" + left + right).digest() for left, right in pairs]
        # who is left without a neighbour goes up as it is
        level = above + level[len(above) * 2 :]
    return level[0]


def root(size: int, subtree: Subtree) -> bytes:
    """Return the root of the tree of the first `size` leaves."""
    return _range_root(0, size, subtree)


def inclusion_proof(index: int, size: int, subtree: Subtree) -> tuple[bytes, ...]:
    """Return the hashes that lead from leaf `index` (from 0) to the root of `size` leaves.

    Raises:
        ProofError: There is no such leaf in a tree of that size.
    """
    if not 0 <= index < size:
        message = f"a tree of {size} leaves has no leaf {index}"
        raise ProofError(message)
    first, path = 0, []
    while size > 1:
        left = _left(size)
        if index < left:
            path.append(_range_root(first + left, size - left, subtree))
            size = left
        else:
            path.append(_range_root(first, left, subtree))
            first, index, size = first + left, index - left, size - left
    return tuple(reversed(path))


def consistency_proof(old: int, new: int, subtree: Subtree) -> tuple[bytes, ...]:
    """Return the hashes that show a tree of `old` leaves to be the beginning of one of `new`.

    Raises:
        ProofError: The old tree is not the smaller one.
    """
    if not 0 <= old <= new:
        message = f"a tree of {old} leaves is not the beginning of one of {new}"
        raise ProofError(message)
    if old in {0, new}:
        return ()
    first, size, path, is_whole = 0, new, [], True
    while old != size:
        left = _left(size)
        if old <= left:
            path.append(_range_root(first + left, size - left, subtree))
            size = left
        else:
            path.append(_range_root(first, left, subtree))
            first, old, size, is_whole = first + left, old - left, size - left, False
    # the verifier knows the old root already where the old tree is a whole subtree of the new
    known = () if is_whole else (_range_root(first, size, subtree),)
    return (*known, *reversed(path))


def includes(leaf: bytes, index: int, size: int, path: Sequence[bytes], root: bytes) -> bool:
    """Return whether `path` proves the leaf of this hash to be leaf `index` of the tree of `root`.

    The algorithm of RFC 9162, section 2.1.3.2.
    """
    if not 0 <= index < size:
        return False
    place, last, found = index, size - 1, leaf
    for beside in path:
        if last == 0:
            return False
        if place & 1 or place == last:
            found = node_hash(beside, found)
            while not place & 1 and place:
                place, last = place >> 1, last >> 1
        else:
            found = node_hash(found, beside)
        place, last = place >> 1, last >> 1
    return last == 0 and found == root


def extends(old: int, old_root: bytes, new: int, new_root: bytes, path: Sequence[bytes]) -> bool:
    """Return whether `path` proves the tree of `old_root` to be the beginning of the new one.

    The algorithm of RFC 9162, section 2.1.4.2; the empty tree is the beginning of every tree.
    """
    if old in {0, new}:
        return not path and old_root == (new_root if old == new else EMPTY)
    if not 0 < old < new or not path:
        return False
    whole = old & (old - 1) == 0
    (first, *rest) = (old_root, *path) if whole else path
    place, last = old - 1, new - 1
    while place & 1:
        place, last = place >> 1, last >> 1
    found_old = found_new = first
    for beside in rest:
        if last == 0:
            return False
        if place & 1 or place == last:
            found_old, found_new = node_hash(beside, found_old), node_hash(beside, found_new)
            while not place & 1 and place:
                place, last = place >> 1, last >> 1
        else:
            found_new = node_hash(found_new, beside)
        place, last = place >> 1, last >> 1
    return last == 0 and found_old == old_root and found_new == new_root


def _left(size: int) -> int:
    """Return how many leaves are left of the root: the largest power of two below `size`."""
    return 1 << (size - 1).bit_length() - 1


def _range_root(first: int, size: int, subtree: Subtree) -> bytes:
    """Return the root of `size` leaves from `first` on, where a subtree as large begins."""
    whole: list[bytes] = []
    while size:
        level = size.bit_length() - 1
        whole.append(subtree(level, first >> level))
        first, size = first + (1 << level), size - (1 << level)
    return _joined(whole)


def _joined(whole: Sequence[bytes]) -> bytes:
    """Return the root over whole subtrees of falling size."""
    if not whole:
        return EMPTY
    found = whole[-1]
    for left in reversed(whole[:-1]):
        found = node_hash(left, found)
    return found
