"""What does a call come to: luck, durations, outcomes."""
