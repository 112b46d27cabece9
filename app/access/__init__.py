"""Who may see and who may change: every read and every write passes through this floor."""
