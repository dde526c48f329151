"""How registrations meet mail: whose a message is, and a mission's inscription out of one."""
