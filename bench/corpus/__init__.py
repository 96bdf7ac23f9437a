"""How much of other people's documents comes through, step by step."""
