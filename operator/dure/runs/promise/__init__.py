"""Joins contract, spans and arithmetic: imports, agreements, the closing of months and what follows from it."""
