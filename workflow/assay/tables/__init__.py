"""Reading tables as people write them: text cells, own number grammar. See labels.py."""
