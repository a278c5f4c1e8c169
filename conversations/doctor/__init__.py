"""Is everything as it should be, and if not, what is to be done? Nothing is ever changed (decision 0137)."""
