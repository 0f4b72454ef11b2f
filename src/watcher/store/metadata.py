"""Where every table is known by its name."""

from __future__ import annotations

import sqlalchemy as sa

metadata = sa.MetaData()
