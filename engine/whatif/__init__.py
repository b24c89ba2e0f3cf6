"""What if: a scenario with other values, with other luck, or with the fewest lines that are enough."""
