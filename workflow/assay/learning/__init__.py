"""Training, predicting and storing one model."""
