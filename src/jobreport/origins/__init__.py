"""Origins: what the states, kinds and names of each vendor mean here. Pure; whoever reads its records asks here."""
