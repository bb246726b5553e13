"""How an order changes over years: at what speed, and by whose revisions."""
