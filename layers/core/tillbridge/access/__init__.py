"""Who may do what where: branches, workstations, users and the audit trail."""
