"""Choices of blocs on a world: names become arrays, the model answers, weights are estimated."""
