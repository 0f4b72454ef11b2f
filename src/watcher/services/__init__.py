"""The steps, against ports only: no SQL, no HTTP, no Apprise."""
