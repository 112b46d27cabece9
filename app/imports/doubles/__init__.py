"""Rows of a file that are likely the same incident as one that is here already, or as another row."""

from app.imports.doubles.twice import Twice as Twice
