"""Mail about registrations: whose message it is, and inscriptions that missions send by mail."""
