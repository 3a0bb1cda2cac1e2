"""The thirty indicators: what they are called, how each is computed, and when there is too little to judge by."""
