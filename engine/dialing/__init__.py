"""Who is called next: the tables that engines read, and the engines."""
