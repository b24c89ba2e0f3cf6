"""Call logs, read into columns."""
