"""Does code written for HIPS/autograd run here, and give the same numbers?

Read next: `published.py`.
"""
