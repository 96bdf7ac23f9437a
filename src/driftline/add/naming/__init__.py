"""Names for operations: `<resource>.<method>`, each its own."""
