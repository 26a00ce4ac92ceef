"""Reading photographs: one module a question (where, what, whole, which colours). See images.py."""
