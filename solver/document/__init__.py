"""JSON documents and the values they carry: instance in, proposal out and in.

Never: a file is opened here (bytes or parsed JSON come in), an amount, a search.
When to modify: a format gains an optional field.
"""
