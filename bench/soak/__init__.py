"""`scripts/soak`: hours of mixed load on a mock that is killed now and then, and what it lost."""
