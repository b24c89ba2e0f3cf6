"""What came of a run: its tables, its figures, its folder."""
