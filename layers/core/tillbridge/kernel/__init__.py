"""What every room may use: money, calendar, text and errors; standard library only."""
