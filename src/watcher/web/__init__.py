"""Pages and an API over HTTP: the same services as the commands, for people with a browser."""
