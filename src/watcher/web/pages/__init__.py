"""Pages for people: one controller a page."""
