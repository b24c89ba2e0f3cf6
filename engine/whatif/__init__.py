"""What if: a scenario with other values, other luck, or as few lines as will do."""
