"""What ships with visreason: recipes, model files, and converters of the reference projects' checkpoints."""
