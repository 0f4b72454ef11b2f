"""The doctor: looks at everything a watcher stands on, and says what it means and what to do."""
