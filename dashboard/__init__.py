"""What a person sees: shell, pages, components, languages."""
