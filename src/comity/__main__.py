"""`python -m comity`: the command line, where its script is not on the path."""

from comity.cli import main

main()
