"""What is oneDNN asked to compute?

library.py        where is it, and can it be used?
primitives.py     how is a function of it called?
convolution.py    convolution and its two gradients
normalization.py  batch and layer normalisation

Read next: `library.py`.
"""
