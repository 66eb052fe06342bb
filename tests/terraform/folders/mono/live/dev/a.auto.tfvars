later = 3
