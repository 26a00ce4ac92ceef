"""What each experiment's errors depend on: tables of all experiments, for their pages."""
