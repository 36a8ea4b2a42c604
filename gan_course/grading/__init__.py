"""Grading what was handed in."""
