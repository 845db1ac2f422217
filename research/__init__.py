"""Where the shipped weights and every printed figure come from."""
