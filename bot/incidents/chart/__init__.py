"""The timeline of an incident: marks, typed lines, and GitLab's own."""
