"""Models: the sidebar, the menu and its commands."""

MESSAGES: dict[str, str | tuple[str, str]] = {
    "sidebar.heading": "MODELS",
    "sidebar.none": "none installed yet",
    "sidebar.add": "add a model",
    "sidebar.thinks": "thinks",
    "sidebar.on_gpu": "{percent}% GPU",
    "sidebar.on_cpu": "on CPU",
    "sidebar.key.choose": "Use",
    "sidebar.key.menu": "Commands",
    "sidebar.key.add": "Add",
    "sidebar.key.cancel": "Cancel download",
}
