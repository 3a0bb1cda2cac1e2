"""Components: a noun a file."""
