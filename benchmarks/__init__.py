"""How fast: each figure with what was measured, on what, and how to run it again."""
