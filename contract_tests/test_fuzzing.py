"""Each operation under schemathesis."""

from driftline.contract import schemathesis_pass


def test_fuzzing(operation, examine):
    """Examples, coverage, fuzzing: right requests are taken, wrong ones refused, none crashes."""
    examine(operation, schemathesis_pass.fuzzing)


def test_sequences(linked, examine):
    """Calls that use what an earlier answer held: the next page, the row just created."""
    examine(linked, schemathesis_pass.sequences)
