"""The bulletin (通报): what is printed and signed, made from the figures of the screen."""
