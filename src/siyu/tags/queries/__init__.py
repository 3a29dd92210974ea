"""The only SQL of the room: definitions and what was said in the state, scans and values in the event engine."""
