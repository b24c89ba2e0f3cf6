"""What came of a run: tables, figures, the folder with both."""
