"""The contract suite's engine: does a server do what its spec says? No vendor's name in here."""
