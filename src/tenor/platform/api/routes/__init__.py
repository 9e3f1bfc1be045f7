"""The routes of the API, a file a subject; each calls queries and actions."""
