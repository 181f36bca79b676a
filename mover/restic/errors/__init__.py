"""What restic's errors mean: the one package that turns restic's error texts into exit codes.

``rules`` is the table of errors with exit code and message, ``classify`` applies it to a process that has ended,
``retry_watch`` to the retries of one that still runs. Single wordings that mean something to one command alone are
recognized in ``restic/phrases.py``.
"""
