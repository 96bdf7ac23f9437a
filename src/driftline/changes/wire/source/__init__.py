"""The sources of the two sides of a comparison: files, folders, git revisions."""
