"""The services: work that a server repeats in the background, beside answering requests. Each has its own file.

Each file has a function that returns a `Periodic`; `app.py` chooses the services and runs them. Every server process
runs all of them. If only one process at a time may do the work, the work itself takes a lease in the store.
"""
