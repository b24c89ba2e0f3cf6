"""Tests of `engine.reading`: what did the user write."""
