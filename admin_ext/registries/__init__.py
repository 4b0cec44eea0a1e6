"""One file per domain: which records have pages, and which columns, filters and parts those show."""
