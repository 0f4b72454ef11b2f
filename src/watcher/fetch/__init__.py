"""The fetch room: one guarded, bounded, polite conditional GET at a time."""
