"""What networks and baselines are made of: inputs, layers, heads, losses, targets."""
