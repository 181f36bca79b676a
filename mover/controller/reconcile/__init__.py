"""One pass over a resource: observe, derive its state, decide, write. `decide.decide` is the place to start reading."""
