"""A call log to the outcome model of a scenario."""
