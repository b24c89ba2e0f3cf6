"""The formats of lists of numbers."""
