"""How messages leave the house: rendered for mail and chat, and sent through channels."""
