"""What the mover does, a module for each operation, listed in ``registry``.

Each has a function ``run(context, …)`` that returns the results of what it did: one; none if there was nothing to
do; two if one restic process did two operations. It raises ``Failure`` if it failed before it did anything.
An operation knows restic's repository and what is kept between runs; it knows nothing of the plan, the command line or
the outcome.
"""
