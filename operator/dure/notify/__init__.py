"""Ways in which Dure tells people something."""
