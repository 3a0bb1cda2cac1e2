"""The quarterly review of a customer's indicators: proposed by rule, agreed by two engineers, in force from a month."""
