"""The whole program from one command: web and worker as two processes, started, watched and stopped together.

Never: what a page shows, how a run is done.
When to modify: the embedded mode starts, watches or stops something else.
"""
