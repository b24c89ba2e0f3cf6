"""Whether calls that are planned, were simulated or were made keep to the rules."""
