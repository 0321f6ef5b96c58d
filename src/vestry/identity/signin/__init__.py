"""How people prove who they are, and what slows those who guess."""
