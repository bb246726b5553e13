"""Ecumene: an open laboratory for world orders."""
