"""JSON Schema as it is used in a spec: validation, direction, choices, cost."""
