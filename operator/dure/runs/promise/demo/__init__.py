"""A made-up past of made-up companies: for demonstrations, pictures and measurements."""
