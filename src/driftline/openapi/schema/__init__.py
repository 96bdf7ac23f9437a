"""JSON Schema in specs: validation, direction, choices, cost."""
