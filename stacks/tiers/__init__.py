"""Programs: a tier a file, each with a `program()`."""
