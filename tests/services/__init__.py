"""Four services, written as users of their frameworks write them, that the suite checks."""
