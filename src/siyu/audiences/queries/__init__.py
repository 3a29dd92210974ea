"""All SQL of the room: definitions and membership in the state, clauses in the event engine."""
