"""The tree over the log in the database: leaves are the rows, larger subtrees are kept as tiles.

A tile is the root of a whole subtree of 256 to the power of its level: a proof about one event in a
million then hashes some hundred rows, not all. Tiles are derived and can be made anew; `verify`
compares them with the rows.
"""

from __future__ import annotations

from collections.abc import Sequence

import sqlalchemy as sa

from watcher.core import merkle
from watcher.errors import ProofError
from watcher.store.schema import events, tiles

TILE_LEVELS = 8
"""A tile is 2 to the power of this many times as large as the tile below it: 256 times."""
_WIDTH = 1 << TILE_LEVELS
_BATCH = 4_096
_HASH_BYTES = 32

# made once: building a statement costs as much as running it
_ROW_HASHES = (
    sa.select(events.c.hash)
    .where(events.c.position.between(sa.bindparam("first"), sa.bindparam("last")))
    .order_by(events.c.position)
)
_REMOVE = sa.delete(tiles).where(
    tiles.c.level == sa.bindparam("at_level"), tiles.c.place == sa.bindparam("at_place")
)
_INSERT = sa.insert(tiles)


def row_leaf(row_hash: str) -> bytes:
    """Return the tree's hash of a row: a leaf is the row's own hash, which binds all before it.

    Raises:
        ProofError: It is no hash.
    """
    try:
        return merkle.leaf_hash(bytes.fromhex(row_hash))
    except (ValueError, TypeError) as error:
        message = f"not the hash of a row: {row_hash!r}"
        raise ProofError(message) from error


class SqlTree:
    """The tree in one transaction of a database."""

    def __init__(self, connection: sa.Connection) -> None:
        self._connection = connection

    def root(self, size: int) -> bytes:
        """Return the root over the first `size` events."""
        return merkle.root(size, self.subtree)

    def inclusion(self, position: int, size: int) -> tuple[bytes, ...]:
        """Return the path from an event to the root over `size` events."""
        return merkle.inclusion_proof(position - 1, size, self.subtree)

    def consistency(self, old: int, new: int) -> tuple[bytes, ...]:
        """Return what shows that the log of `old` events is the beginning of that of `new`."""
        return merkle.consistency_proof(old, new, self.subtree)

    def subtree(self, level: int, place: int) -> bytes:
        """Return the root of the whole subtree of 2 to the power of `level` events at `place`.

        Raises:
            ProofError: The log does not reach that far, or a tile is missing.
        """
        above, below = divmod(level, TILE_LEVELS)
        if above and not below:
            found = self.tile(above, place)
            if found is None:
                message = f"tile {above}/{place} is missing"
                raise ProofError(message)
            return found
        count = 1 << below
        hashes = self._hashes(above, place << below, count)
        if len(hashes) != count:
            message = f"events or tiles are missing below {place << level} + {1 << level}"
            raise ProofError(message)
        return merkle.tree_root(hashes)

    def tile(self, level: int, place: int) -> bytes | None:
        """Return a stored subtree of 256 to the power of `level` events; None: it is not there."""
        query = sa.select(tiles.c.hash).where(tiles.c.level == level, tiles.c.place == place)
        found = self._connection.execute(query).scalar()
        return bytes(found) if isinstance(found, bytes) else None

    def tiles(self) -> int:
        """Return how many subtrees are stored."""
        return self._connection.execute(sa.select(sa.func.count()).select_from(tiles)).scalar() or 0

    def grow(self, before: int, after: int, hashes: Sequence[str] = ()) -> None:
        """Keep the tiles that events from `before` to `after` complete; cheap where there are none.

        Args:
            before: How many events there were.
            after: How many there are.
            hashes: Those of the rows that were added last, so that they need not be read again.

        Raises:
            ProofError: Tiles before these are missing.
        """
        level, had, has = 1, before >> TILE_LEVELS, after >> TILE_LEVELS
        while has > had:
            for place in range(had, has):
                parts = place << TILE_LEVELS
                if level == 1:
                    self._put(level, place, self._leaves(parts, after - len(hashes), hashes))
                else:
                    self._put(level, place, self._hashes(level - 1, parts, _WIDTH))
            level, had, has = level + 1, had >> TILE_LEVELS, has >> TILE_LEVELS

    def _leaves(self, first: int, stored: int, hashes: Sequence[str]) -> list[bytes]:
        """Return the hashes of a tile's rows from `first` on; `hashes` are those after `stored`."""
        kept = min(max(stored - first, 0), _WIDTH)
        old = self._hashes(0, first, kept) if kept else []
        start = first + kept - stored
        return old + [row_leaf(each) for each in hashes[start : start + _WIDTH - kept]]

    def catch_up(self, head: int) -> None:
        """Make the tiles that a log from before there were any, or half a restore, is without."""
        highest = sa.select(sa.func.max(tiles.c.place)).where(tiles.c.level == 1)
        last = self._connection.execute(highest).scalar()
        had = 0 if last is None else last + 1
        if had < head >> TILE_LEVELS:
            for start in range(had * _WIDTH, head, _BATCH):
                self.grow(start, min(start + _BATCH, head))

    def _put(self, level: int, place: int, hashes: Sequence[bytes]) -> None:
        if len(hashes) != _WIDTH:
            message = f"tile {level}/{place} cannot be made: parts of it are missing"
            raise ProofError(message)
        row = {"level": level, "place": place, "hash": merkle.tree_root(hashes)}
        self._connection.execute(_REMOVE, {"at_level": level, "at_place": place})
        self._connection.execute(_INSERT, row)

    def _hashes(self, level: int, first: int, count: int) -> list[bytes]:
        """Return the hashes of `count` rows, or of tiles of a level, from `first` on."""
        if level:
            query = (
                sa.select(tiles.c.hash)
                .where(tiles.c.level == level, tiles.c.place.between(first, first + count - 1))
                .order_by(tiles.c.place)
            )
            found = [*self._connection.execute(query).scalars()]
            if not all(isinstance(each, bytes) and len(each) == _HASH_BYTES for each in found):
                message = f"a tile of level {level} from {first} on is not a hash"
                raise ProofError(message)
            return found
        between = {"first": first + 1, "last": first + count}
        return [*map(row_leaf, self._connection.execute(_ROW_HASHES, between).scalars())]
