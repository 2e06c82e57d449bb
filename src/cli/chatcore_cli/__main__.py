"""`python -m chatcore_cli` is `chatcore`."""

from chatcore_cli.main import main

if __name__ == "__main__":
    main()
