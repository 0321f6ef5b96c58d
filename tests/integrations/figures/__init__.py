"""The recorded test kit of providers of figures: tapes, a player that is strict about what is asked, faults for any
tape, and a recorder. A new provider brings tapes and a format; ``test_conformance.py`` then asks all of it."""
