"""The documents' own examples."""

from driftline.contract import documents


def test_documented_examples(operation, examine):
    """Every example in the spec satisfies the spec."""
    examine(operation, documents.answer_examples)


def test_documented_requests(operation, examine):
    """The server takes every request that the documents show, and answers as the spec says."""
    examine(operation, documents.request_examples)
