"""The page that shows a result to people who look rather than read."""
