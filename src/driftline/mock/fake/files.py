"""Small files that are valid: a media type each."""
