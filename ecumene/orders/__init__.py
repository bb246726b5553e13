"""The language of orders: who is how deeply integrated with whom, and what that changes."""
