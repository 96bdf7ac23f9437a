"""Compare schemas: types, bounds, fields, choices."""
