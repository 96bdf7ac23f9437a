"""Each operation under schemathesis."""

from driftline.contract import schemathesis_pass


def test_fuzzing(operation, examine):
    """Examples, coverage, fuzzing: right requests are taken, wrong ones refused, none crashes."""
    examine(operation, schemathesis_pass.fuzzing)
