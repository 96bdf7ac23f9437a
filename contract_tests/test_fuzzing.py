"""Each operation under schemathesis."""

from driftline.contract import methods, schemathesis_pass, texts


def test_fuzzing(operation, examine):
    """Examples, coverage, fuzzing: right requests are taken, wrong ones refused, none crashes."""
    examine(operation, schemathesis_pass.fuzzing)


def test_sequences(linked, examine):
    """Calls that use what an earlier answer held: the next page, the row just created."""
    examine(linked, schemathesis_pass.sequences)


def test_texts(operation, examine):
    """Quotes, NUL, emoji, ten thousand characters: free texts are taken and break nothing."""
    examine(operation, texts.texts)


def test_methods(reading, examine):
    """HEAD and OPTIONS do not make the server fail."""
    examine(reading, methods.methods)
