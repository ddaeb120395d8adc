"""The chaos run: everything is killed, stopped, cut off and locked out while sessions run, and then each row is judged."""
