"""Who is called next: the rulebook that engines read, and the engines."""
