"""What the program knows about medicines, dates and events: pure, standard library only."""
