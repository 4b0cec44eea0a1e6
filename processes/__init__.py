"""The process engine: pure languages below, the runtime on Viewflow above, one door (`processes.api`)."""
