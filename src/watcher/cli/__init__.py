"""The command line: parse, bootstrap, call one service, print."""
