"""The thirty indicators of a customer's month: gathered from the store, computed, frozen with what they rest on."""
