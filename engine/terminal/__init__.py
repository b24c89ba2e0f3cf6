"""Answers on a terminal: tables with small pictures."""
