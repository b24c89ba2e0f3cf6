"""What terminal, page and JSON say in the same words."""
