"""All of a site in one file, taken while it runs, and brought back elsewhere (decision 0136)."""
