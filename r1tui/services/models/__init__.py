"""Models on their way to the server: downloads, and the import of GGUF files."""
