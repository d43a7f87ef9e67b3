"""The register of establishments and organismes, and the imports that fill it.

Never: needs, campaigns.
When to modify: a source file changes its layout.
"""
