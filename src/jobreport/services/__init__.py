"""What a server does in its store beside answering requests, again and again, without anybody asking: one file each.

Each file has one function that makes a `Periodic` of the rooms below it; `app.py` chooses them and runs them. Every
server process runs all of them. Where only one process may do something at a time, the work itself takes a lease in
the store.
"""
