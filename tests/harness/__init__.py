"""What tests of the running site stand on: Postgres, a real server, people with sockets.

`plugin` is loaded by `-p tests.harness.plugin`, before Django reads its settings.
"""
