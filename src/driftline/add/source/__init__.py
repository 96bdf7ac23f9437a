"""The document itself: fetched from a file, a URL or a package."""
