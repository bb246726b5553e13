"""The national plan of one economy of a world: what the models of planning need, and what they return, labelled."""
