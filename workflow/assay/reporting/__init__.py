"""The words, tables and templates of pages; nothing here draws, and nothing here trains."""
