"""`python -m jobreport`: the command line, where its program is on no path."""

from jobreport.cli import main

if __name__ == "__main__":  # a server's workers import this module too
    main()
