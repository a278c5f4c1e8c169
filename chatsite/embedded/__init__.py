"""What `make run` starts on a bare machine: Postgres, a small model, the server. No Django here."""
