"""`python -m app.cli`: the command line without the front door."""

from app.cli import main

main()
