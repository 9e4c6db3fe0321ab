"""The documents of the API and the query language: what the server, the client and the command line have in common."""
