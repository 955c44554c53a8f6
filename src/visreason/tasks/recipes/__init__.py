"""Recipes: every setting of a training run, typed, checked, read from YAML and written back with its meaning."""
