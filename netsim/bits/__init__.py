"""Program to Reach: who may open what to whom, by numpy."""
