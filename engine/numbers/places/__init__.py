"""Where phones belong."""
