"""How fast is it, next to the libraries you would use instead?

    python -m benchmarks                    every workload, every peer (`make bench`)
    python -m benchmarks chain mlp          workloads by the beginning of their names
    python -m benchmarks --list             what there is

A workload is one file of `workloads/`: the same computation written once for each library, as one would write it there.
Each library runs in a process, and a virtual environment, of its own. Results are compared with NumPy's before anything
is timed. Then the libraries take short turns, A B A B, and what is reported is the median over the rounds of the *ratio*
within a round, because neighbours on the same machine slow both down alike.

Read next: `workloads/__init__.py`, what a workload is; then `peers.py`, `worker.py`, `rounds.py`, `report.py`, `picture.py`.
"""
