"""What is one's own, to take along: as Markdown to read, as JSON with every branch, as a ZIP of both."""
