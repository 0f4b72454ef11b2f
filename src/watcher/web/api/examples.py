EXAMPLES: dict = __import__("collections").defaultdict(dict)
