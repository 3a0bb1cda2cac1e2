"""What is kept of service levels: spans for ever, closed months that never change, corrections beside them."""
