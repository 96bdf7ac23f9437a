"""Four services as their frameworks' users write them, and what the suite says of each."""
