"""operator import: what a service desk, a questionnaire, a console and a reckoning of benefits know."""
