"""The store and the rules. The only room with SQL; it imports no other room."""
