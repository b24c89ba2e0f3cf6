"""Whom to call: the list as columns, read or made up, without its duplicates."""
