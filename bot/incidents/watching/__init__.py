"""Looks at GitLab for what happens to incidents there, and for those that are born there."""
