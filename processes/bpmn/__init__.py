"""BPMN 2.0 files: read into a typed frozen model, written back without loss, compared, drawn. Pure."""
