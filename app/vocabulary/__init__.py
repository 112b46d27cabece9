"""The words: what may be said of an incident, as pure data and pure functions."""
