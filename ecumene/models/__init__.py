"""Models: arrays in, arrays out. They know neither files nor orders nor each other."""
