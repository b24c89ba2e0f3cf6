"""When a number may be called: zones, windows, the call policy."""
