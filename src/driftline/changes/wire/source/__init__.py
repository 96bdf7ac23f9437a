"""Where the two sides of a comparison come from: files, folders, git revisions."""
