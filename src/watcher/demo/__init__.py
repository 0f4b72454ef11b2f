"""Alofisel's years in half a minute on loopback: a site, a mail server, a chat, the watcher."""
