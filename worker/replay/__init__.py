"""What each run was made from: kept, made again, and made otherwise to compare."""
