"""What is kept between runs: the state of a repository in its marker file, and the journal of unfinished runs in it."""
