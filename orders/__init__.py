"""What is owed: orders, their lines and balances. Orders learn that they were paid; they never decide it."""
