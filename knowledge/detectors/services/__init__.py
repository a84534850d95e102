"""Services, Ingresses, names and certificates: the way in to a program."""
