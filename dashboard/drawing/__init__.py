"""Plans drawn and checked from the command line: files and the store on one side, the solver on the other."""
