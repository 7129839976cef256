"""排名: units of one kind beside one another, ranked as far as their cases allow."""
