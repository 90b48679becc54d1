"""What is Clerk's own: the claims of its session tokens, its users' profiles, and its webhooks."""
