"""The pytest plugin of sessionvitals: a sandbox of the three vendors for each test.

It imports nothing of sessionvitals until a test asks for the fixture.
"""
