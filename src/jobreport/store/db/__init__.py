"""What differs between databases. Only this room asks which database the store is in."""
