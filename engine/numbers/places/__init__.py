"""The zones of phones, by their numbering plans."""
