"""`python -m driftline`: the command line, where its script is not on the path."""

from driftline.cli import main

if __name__ == "__main__":
    main()
