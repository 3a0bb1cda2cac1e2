"""Real machines on this host: a hub, an internet, two customers' sites; to try, demonstrate and test everything."""
