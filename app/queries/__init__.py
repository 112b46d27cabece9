"""Every way to ask. Reads only."""
