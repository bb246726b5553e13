"""Sweeps: many cases of worlds, orders, shocks and parameters, kept part by part."""
