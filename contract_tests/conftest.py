"""The contract suite: do spec, client and server agree? One test for each operation and check."""

pytest_plugins = ["driftline.suite.pytest.plugin"]
