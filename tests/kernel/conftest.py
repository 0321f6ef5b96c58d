"""A busy machine is not a wrong result: properties of the kernel have no deadline."""

from hypothesis import settings

settings.register_profile("patient", deadline=None)
settings.load_profile("patient")
