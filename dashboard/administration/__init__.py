"""The administrator's page: accounts, walls and keys, the audit log."""
