"""From a table and files as they come to a data set without faults."""
