"""Past and late data from files: CSV of our own, and what other monitors export."""
