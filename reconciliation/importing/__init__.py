"""From a bank's file to the lines of an account: the original, its reading, what is new in it, and the writing."""
