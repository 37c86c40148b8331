"""Match runs: what they are given, what they store, and settling what they proposed in bulk."""
