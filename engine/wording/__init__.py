"""The words that terminal, page and JSON share."""
