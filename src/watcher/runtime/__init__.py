"""What keeps running, and the only place that survives what it did not foresee."""
