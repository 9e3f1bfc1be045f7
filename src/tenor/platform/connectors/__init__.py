"""Facts from elsewhere: imports of the contract's tables, with every bad row named."""
