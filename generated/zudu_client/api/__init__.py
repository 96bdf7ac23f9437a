# Made by `driftline generate zudu`. Do not edit: change specs/ and run it again.
"""The resources of Zudu, a package each."""
