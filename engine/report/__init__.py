"""The page that shows a result in charts, each with its table."""
