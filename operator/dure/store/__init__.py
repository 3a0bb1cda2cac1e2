"""What the MSP's own database holds: registered sites, runs as people see them, proofs, the audit chain."""
