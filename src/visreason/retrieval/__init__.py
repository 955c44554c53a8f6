"""Finding images by how their objects stand to each other: features, indices, queries, result sheets."""
