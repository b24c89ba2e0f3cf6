"""When may a number be called: zones, windows, the call policy."""
