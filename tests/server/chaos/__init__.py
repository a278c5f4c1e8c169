"""Proof by breaking things: real processes, real Postgres, a provider and a network that misbehave.

Each case breaks something on purpose while people ask and read. `tab` holds what a browser would,
`evidence` gathers what every side saw, and one `checker` judges it, whatever the case was.

`make test` runs every case in small, `make chaos` in full numbers with a table at the end. All that
is random comes from one seed: `CHAOS_SEED=… make chaos` does the same again.
"""
