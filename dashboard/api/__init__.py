"""What other programs ask: cases in batches, Open311, pictures, and the document that says so."""
