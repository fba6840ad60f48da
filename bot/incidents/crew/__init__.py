"""Who does what in an incident: parts, tasks, updates, and those who follow."""
