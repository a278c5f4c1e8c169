"""What an administrator does not want said here: found in one pass over a text, by all patterns at once."""
