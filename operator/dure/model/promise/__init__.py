"""What a customer was promised: the contract in the customer's file, and what was agreed about single periods."""
