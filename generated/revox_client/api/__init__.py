# Made by `driftline generate revox`. Do not edit: change specs/ and run it again.
"""The resources of Revox, a package each."""
