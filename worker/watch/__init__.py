"""What watches the watch: probes, heartbeat, canary, and the line to the people who run this."""
