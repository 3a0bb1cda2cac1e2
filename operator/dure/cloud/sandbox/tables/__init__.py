"""Tables of types, one file an area of AWS."""
