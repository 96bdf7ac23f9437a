"""Proposals for what a document does not say: listings, effects, variables."""
