"""The Calls API of the platform, spoken over a simulated clock."""
