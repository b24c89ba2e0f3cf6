"""What happened, and what if."""
