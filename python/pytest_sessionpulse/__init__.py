"""The pytest plugin of sessionpulse: a sandbox of the three vendors for each test.

It imports nothing of sessionpulse until a test asks for the fixture.
"""
