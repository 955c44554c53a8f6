"""The studio: models, scenes and the oracle over HTTP, and the page that shows them reasoning."""
