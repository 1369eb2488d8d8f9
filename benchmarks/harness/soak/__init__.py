"""Mixed load for minutes, while everything around the proxy changes: nothing may leak and no request may be lost."""
