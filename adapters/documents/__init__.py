"""Reads the files that people have: PDF, DOCX, HTML, Markdown and plain text."""
