# Made by `driftline generate roark`. Do not edit: change specs/ and run it again.
"""The resources of Roark, a package each."""
