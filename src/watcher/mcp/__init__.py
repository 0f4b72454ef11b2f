"""The Model Context Protocol over stdio: three questions that only read, for assistants."""
