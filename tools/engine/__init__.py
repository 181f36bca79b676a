"""A Docker engine: the one that answers, else one of our own, for as long as it is needed."""
