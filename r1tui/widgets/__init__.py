"""What a person sees. Widgets know the domain only, post messages up and are told down by methods."""
