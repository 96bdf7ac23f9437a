"""The rows of listings: stored, indexed, filtered, paged, created and changed."""
