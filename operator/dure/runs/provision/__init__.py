"""The main job: a factory-fresh machine becomes a customer's proven server, step by durable step."""
