"""Reports of closed months: for a customer, and of the whole fleet; HTML, PDF, JSON and tables."""
