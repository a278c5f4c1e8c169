"""Made-up people and what they said: for trying out how a full site feels (`manage.py seed`)."""
