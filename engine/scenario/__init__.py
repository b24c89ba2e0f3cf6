"""The scenario file: what it says, and the list that it makes."""
