"""Durable runs that join the rest: enrol, provision, verify, audit."""
