"""From `sources.yaml` and the environment to a `Config`, or every problem in it at once."""
