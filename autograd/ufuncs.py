"""What do `np.add.reduce`, `out=` and `where=` do to Tensors?

Read next: `numpy/__init__.py`.
"""
