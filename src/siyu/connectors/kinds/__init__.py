"""A connector a file."""
