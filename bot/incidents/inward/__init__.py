"""The discussion from GitLab to Slack: what is written below an issue stands in the incident's room."""
