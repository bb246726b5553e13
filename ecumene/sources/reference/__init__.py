"""The embedded reference world: typed public facts, and what is estimated from them."""
