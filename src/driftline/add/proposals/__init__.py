"""What a document leaves unsaid, proposed where there is no doubt: listings, effects, variables."""
