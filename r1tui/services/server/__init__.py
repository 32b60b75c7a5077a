"""An Ollama server of our own: found, installed, started and stopped."""
