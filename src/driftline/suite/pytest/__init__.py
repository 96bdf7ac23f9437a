"""The suite under pytest: `contract_tests/` and a user's own tests."""
