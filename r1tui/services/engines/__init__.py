"""Whatever serves models, behind one protocol: Ollama, and servers that speak `/v1/chat/completions`."""
