"""Looking back at incidents: lists, figures, the review, duplicates, and what is exported."""
