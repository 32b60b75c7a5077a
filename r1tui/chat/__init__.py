"""A conversation being had, the server that answers and the machine below it: observable objects without a screen.

Commands go in by methods, news come out as events (`events.py`); nothing here knows who watches.
"""
