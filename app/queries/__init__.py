"""Every way to ask: reads only."""
