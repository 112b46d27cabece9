"""Likeness: names across spellings and scripts, and how alike two records are, as pure functions."""
