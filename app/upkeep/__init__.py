"""Keep the archive alive: schema, reference data, checks."""
