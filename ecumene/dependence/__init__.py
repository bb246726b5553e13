"""How dependent each economy is: a vector of measures, each with its unit, layer and year; see `vector`."""
