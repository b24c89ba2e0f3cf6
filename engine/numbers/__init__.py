"""Whom shall we call: the list as columns, read or made up, without its duplicates."""
