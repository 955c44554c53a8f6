"""The command line: one file a verb, each a typed function; `main` finds and calls it."""
