"""What the store derives from the jobs so that questions are cheap: counts, subjects, trigrams; and their recount."""
