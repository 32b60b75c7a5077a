"""What touches the world: servers, files, processes, terminals. No Textual."""
