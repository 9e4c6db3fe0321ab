"""HTTP for programs, one small file a resource: a request becomes a query, the store answers it with a page."""
