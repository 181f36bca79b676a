"""The controller: observes custom resources and what belongs to them, and makes the Jobs that move their data."""
