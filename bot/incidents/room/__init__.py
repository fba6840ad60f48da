"""The room of an incident: declared, founded, headed by its card, peopled, and archived once all is over."""
