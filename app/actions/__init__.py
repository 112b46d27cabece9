"""Every way to change. Each leaves a line in history, in the same transaction."""
