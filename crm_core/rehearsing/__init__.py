"""What the CRM brings to rehearsals of processes: the house as it is set up, invented people, sample records."""
