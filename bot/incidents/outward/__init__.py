"""The discussion from Slack to GitLab: what is said in a room becomes comments of those who said it."""
