"""The formats in which numbers come."""
