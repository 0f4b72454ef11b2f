"""The self-test: a server that misbehaves on purpose, and what becomes of its faults."""
