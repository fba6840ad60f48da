"""What may have caused an incident: changes before it, suspects, and rollbacks of them."""
