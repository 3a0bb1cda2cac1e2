"""What AWS cannot make for a tenant: its role, database and schema in a PostgreSQL, by SQL against the endpoint.

PostgreSQL shows the names of all tables of a database to everybody who may connect to it. So a tenant has a database of
its own, which only it may connect to; role, database and schema have one name, which is what clients take by default.
"""
