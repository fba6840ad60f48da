"""An incident as GitLab holds it: what was done there is followed here, and it is brought to what it is by now."""
