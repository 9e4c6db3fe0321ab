"""HTTP for programs: one small file a resource. A request becomes a value, the store answers, the page a response."""
