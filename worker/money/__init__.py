"""What language models cost: reserved before a call, settled after it, and the lines that stop it."""
