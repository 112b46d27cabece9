"""Gawah, the witness: an archive of alleged human-rights incidents."""

__version__ = "0.1.0"
