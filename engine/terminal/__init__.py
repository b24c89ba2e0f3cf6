"""Answers on a terminal: tables to read at a glance, with small pictures beside them."""
