"""Readers: pure functions from the bytes of a snapshot to what they say."""
