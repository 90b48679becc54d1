"""Verifies the tokens of any issuer that signs JSON Web Tokens and publishes its keys (OpenID Connect).

PyJWT makes the keys and checks the signatures. What else is to be checked stands in `checks`, since its own `decode`
reads the system's clock, takes times that are text or fractions, and of members that occur twice the last.
"""
