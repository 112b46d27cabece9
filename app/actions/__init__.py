"""Every way to change, each with a line in history in the same transaction."""
