"""Those who attack a server in `attacks.py`: what they are, and what each of them does."""
