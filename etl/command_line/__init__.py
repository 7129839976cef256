"""The commands of the command line, a module a subject; app.py says what each is called. Heavy modules are imported when a command runs."""
