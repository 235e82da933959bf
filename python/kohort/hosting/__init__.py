"""Who may use the data, where they may sit, and what was done with them."""
