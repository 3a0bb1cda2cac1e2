"""The arithmetic of service levels: integers and fractions, no I/O, nothing else of dure.

Times are whole UTC seconds since 1970, intervals half-open. The method is told in docs/sla.md.
"""
