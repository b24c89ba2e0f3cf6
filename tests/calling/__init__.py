"""Tests of `engine.calling`: when may a number be called."""
