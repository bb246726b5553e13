"""Security: what shocks cost under an order."""
