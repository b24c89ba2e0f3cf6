"""Call logs, as they are read."""
