"""Runs the suite under pytest: `contract_tests/` and the tests of a project."""
