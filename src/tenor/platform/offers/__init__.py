"""What is offered instead of another reminder: a plan, a settlement, less for paying early."""
