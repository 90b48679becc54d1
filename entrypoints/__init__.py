"""What drives the application; `container` alone knows which adapters fill its ports."""
