"""The page that checks receipts, chains and archives in the reader's own browser."""
