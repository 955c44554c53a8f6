"""What a model reads: vocabularies, encodings, prepared tables, data sets and generated worlds."""
