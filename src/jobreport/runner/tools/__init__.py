"""What is known of backup tools, one file a tool. `known` lists them all; only who looks for one loads that."""
