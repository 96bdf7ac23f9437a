"""Names of operations: `<resource>.<method>`, each unique."""
