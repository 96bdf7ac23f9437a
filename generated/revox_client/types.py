# Made by `driftline generate revox`. Do not edit: change specs/ and run it again.
"""What models and clients are made of."""

from driftline.runtime import ABSENT, AsyncClientOptions, ClientOptions, Model

__all__ = ["ABSENT", "AsyncClientOptions", "ClientOptions", "Model"]
