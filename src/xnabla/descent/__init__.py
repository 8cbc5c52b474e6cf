"""Walking downhill: in every cell, on a field, over a field, and for any callable.

Each way is a folder of its own behind one door: ``engine`` has the descent methods and
their loop, ``cells`` fits in every cell, ``surface`` walks on a field, ``inversion``
descends over whole fields, ``callables`` differentiates functions. What they share,
``_status``, says how every result tells whether it can be trusted.
"""
